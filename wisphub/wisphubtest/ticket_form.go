package wisphubtest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// otherSubject is the subject in the catalogue that allows any text in asunto.
const otherSubject = "Otro Asunto"

// ticketRequired are the required fields of a new ticket (wisphub-net-api §6.3).
var ticketRequired = []string{
	"servicio", "asunto", "asuntos_default", "tecnico", "descripcion", "estado", "prioridad", "departamento", "departamentos_default",
}

// sourceCodes are the codes to write for the labels in ticketSources. No source shows that WispHub
// accepts whatsapp, so it is rejected.
var sourceCodes = []string{"portal_cliente", "oficina", "redes_sociales"}

// ticketForm parses the body of a ticket write.
func (c *call) ticketForm() (form map[string]string, rejection *response) {
	if !c.quirks.MultipartTickets {
		return c.formFields(multipartForm, urlEncoded, jsonType)
	}
	if mediaType, _ := c.mediaType(); mediaType == jsonType {
		return nil, panelPage(http.StatusInternalServerError, "Error del servidor")
	}
	return c.formFields(multipartForm)
}

// checkTicket returns what is wrong with the form's fields, including missing required fields.
func (s *Server) checkTicket(form map[string]string, required ...string) fieldErrors {
	wrong := make(fieldErrors)
	for _, field := range required {
		if _, given := form[field]; !given {
			wrong.add(field, msgRequired)
		}
	}
	for field, value := range form {
		if message := s.checkTicketField(field, strings.TrimSpace(value)); message != "" {
			wrong.add(field, message)
		}
	}
	if len(wrong["asunto"])+len(wrong["asuntos_default"]) == 0 {
		checkSubject(form, wrong)
	}
	return wrong
}

func (s *Server) checkTicketField(field, value string) (message string) {
	id, err := strconv.Atoi(value)
	switch {
	case value == "" && slices.Contains(ticketRequired, field):
		return msgBlank
	case field == "servicio" && (err != nil || s.clients.get(id) == nil):
		return fmt.Sprintf("Clave primaria %q inválida - objeto no existe.", value)
	case field == "tecnico" && (err != nil || id != 0 && s.ticketGenerator.staffMember(id) == nil):
		return fmt.Sprintf("Clave primaria %q inválida - objeto no existe.", value)
	case field == "estado" && !isCode(value, ticketStates), field == "prioridad" && !isCode(value, ticketPriorities),
		field == "asuntos_default" && !slices.Contains(subjects, value),
		field == "origen_reporte" && value != "" && !slices.Contains(sourceCodes, value):
		return fmt.Sprintf("%q no es una elección válida.", value)
	case (field == "fecha_inicio" || field == "fecha_final") && value != "" && !isDate(value):
		return "Fecha/hora con formato erróneo. Use uno de los siguientes formatos en su lugar: DD/MM/YYYY hh:mm."
	}
	return ""
}

// checkSubject requires the subject in both fields: equal, or any text beside otherSubject.
func checkSubject(form map[string]string, wrong fieldErrors) {
	subject, given := form["asunto"]
	listed, alsoListed := form["asuntos_default"]
	switch {
	case !given && !alsoListed:
	case !given:
		wrong.add("asunto", msgRequired)
	case !alsoListed:
		wrong.add("asuntos_default", msgRequired)
	case listed != otherSubject && listed != subject:
		wrong.add("asunto", fmt.Sprintf("%q no es una elección válida.", subject))
	}
}

// isCode reports whether value is the code of a label.
func isCode(value string, labels []string) bool {
	code, err := strconv.Atoi(value)
	return err == nil && code > 0 && code < len(labels)
}

func isDate(value string) bool {
	_, err := time.Parse(dayFirstLayout, value)
	return err == nil
}

// staffMember returns nil if there is no such member.
func (tg ticketGenerator) staffMember(id int) *staff {
	at := slices.IndexFunc(tg.staff, func(m staff) bool { return m.ID == id })
	if at < 0 {
		return nil
	}
	return &tg.staff[at]
}

// hasCustomSubject reports whether a ticket's subject is not in the catalogue. It ignores the
// suffix of SubjectSuffix.
func hasCustomSubject(row map[string]any) bool {
	subject, _ := row["asunto"].(string)
	service, _ := row["servicio"].(map[string]any)
	if name, _ := service["nombre"].(string); name != "" {
		subject = strings.TrimSuffix(subject, " - "+strings.ToUpper(strings.Join(strings.Fields(name), " ")))
	}
	return !slices.Contains(subjects, subject)
}
