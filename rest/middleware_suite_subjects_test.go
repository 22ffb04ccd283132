package rest

import (
	"encoding/json"
	"slices"
	"testing"
)

// suiteSubjects are the subjects of rest-v1.md by the priority of a new ticket.
var suiteSubjects = []struct {
	priority, label, code string
	names                 []string
}{
	{"low", "Baja", "1", []string{
		"Cambio de Contraseña en Router Wifi", "Cambio de Domicilio", "Recolección De Equipos", "Cancelación", "Desconexión",
	}},
	{"normal", "Normal", "2", []string{
		"Internet Lento", "Internet Intermitente", "Antena Desalineada", "Cables Mal Colocados", "Cableado Para Modem Extra",
	}},
	{"high", "Alta", "3", []string{
		"No Tiene Internet", "Antena Dañada", "No Responde la Antena", "No Responde el Router Wifi",
		"Router Wifi Reseteado (Valores de Fabrica)", "Cambio de Router Wifi", "Cambio de Antena", "Cambio de Antena + Router Wifi",
		"Cable UTP Dañado", "PoE Dañado", "Conector Dañado", "Antena valores De Fabrica", "Eliminador Dañado", "RJ45 Dañado",
		"Alambres Rotos", "Reconexión", "Cable Fibra Dañado", "Jumper Dañado",
	}},
	{"very_high", "Muy Alta", "4", []string{"Troncal Dañado", "Caja Nap Dañada", "Cambio A Fibra Óptica"}},
}

const subjectsPath = "/tickets/subjects"

// ownSubjects gives the tenant a catalogue of its own.
var ownSubjects = answers("GET /api/tickets/asuntos-tickets/", 200, `{"count":7,"next":null,"previous":null,"results":[
	{"id":1,"nombre":"Internet Lento"},{"id":2,"nombre":"TRONCAL DANADO"},{"id":3,"nombre":"Reconexion"},{"id":4,"nombre":"Otro Asunto"},
	{"id":5,"nombre":"IP Publica"},{"id":6,"nombre":"cancelación"},{"id":7,"nombre":"Caja NAP Dañada"}]}`)

var subjectCases = slices.Concat(priorityCases(), []suiteCase{
	get("the tenant's subjects", subjectsPath, success("TICKET_SUBJECTS_LISTED", `{"by_priority":{"low":["cancelación"],
		"normal":["Internet Lento","Otro Asunto","IP Publica"],"high":["Reconexion"],"very_high":["TRONCAL DANADO","Caja NAP Dañada"]},
		"all":["Internet Lento","TRONCAL DANADO","Reconexion","Otro Asunto","IP Publica","cancelación","Caja NAP Dañada"]}`)).after(ownSubjects),
	get("no subjects", subjectsPath, success("TICKET_SUBJECTS_LISTED", `{"by_priority":{"low":[],"normal":[],"high":[],"very_high":[]},"all":[]}`)).
		after(answers("GET /api/tickets/asuntos-tickets/", 200, `{"count":0,"next":null,"previous":null,"results":[]}`)),
	get("subjects that the key may not read", subjectsPath, builtInSubjects()).after(forbid("/api/tickets/asuntos-tickets/")).
		onPurpose("without WispHub's catalogue the subjects of rest-v1.md are listed, so that a bot can open tickets (issue 13, item 3)",
			failedWith("ERROR", "Unable to fetch ticket data")),
})

// priorityCases open a ticket about every subject of rest-v1.md.
func priorityCases() []suiteCase {
	var cases []suiteCase
	for _, group := range suiteSubjects {
		for _, name := range group.names {
			// The catalogue of the simulator has other accents for some.
			c := post("priority of "+name, "/tickets", ticketAbout(name), success("TICKET_CREATED", with(anyTicket, `"priority":"`+group.label+`"`)))
			cases = append(cases, c.sending("prioridad", group.code))
		}
	}
	return cases
}

// builtInSubjects lists the subjects of rest-v1.md, and Otro Asunto.
func builtInSubjects() reply {
	lists, all := map[string][]string{}, []string{}
	for _, group := range suiteSubjects {
		lists[group.priority] = slices.Clone(group.names)
		all = append(all, group.names...)
	}
	lists["normal"] = append(lists["normal"], "Otro Asunto")
	data, err := json.Marshal(map[string]any{"by_priority": lists, "all": append(all, "Otro Asunto")})
	if err != nil {
		panic(err) // texts can always be marshaled
	}
	return success("TICKET_SUBJECTS_LISTED", string(data))
}

// forbid makes WispHub refuse paths.
func forbid(paths ...string) func(*testing.T, *testServer) {
	return func(_ *testing.T, s *testServer) { s.upstream.Forbid(paths...) }
}
