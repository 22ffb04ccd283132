package wisphubtest

import (
	"net/http"
	"strings"
)

func (s *Server) listClients(c *call) *response {
	matches, rejection := combineFilters(c, c.clientFilters())
	if rejection != nil {
		return rejection
	}
	pr := c.pageRange()
	s.changeBetweenPages(c, pr.offset)
	page, total := s.clients.find(matches, pr)
	return c.pageResponse(pr, total, page)
}

// getClient serves the technical record. It shares its path with the list, but not its keys.
func (s *Server) getClient(c *call) *response {
	row := s.Row(c.idNumber())
	if row == nil {
		return notFound()
	}
	return jsonResponse(http.StatusOK, c.detail(row))
}

func (c *call) detail(row map[string]any) object {
	if !c.quirks.OtherDetail {
		return inOrder(row, clientColumns)
	}
	record := pick(row, "id_servicio")
	if c.quirks.NullNamesInDetail {
		record = append(record, member{"usuario", nil}, member{"nombre", nil})
	}
	record = append(record, member{"usuario_rb", row["servicio"]})
	record = append(record, pick(row, "ip", "estado")...)
	record = append(record, member{"facturas_pagadas", row["estado_facturas"] == invoicesPaid})
	record = append(record, pick(row, "firewall", "auto_activar_servicio", "forma_contratacion", "comentarios")...)
	record = append(record, member{"fecha_registro", row["fecha_instalacion"]})
	record = append(record, pick(row, "fecha_instalacion", "fecha_cancelacion")...)
	if !c.quirks.NoCutOffInDetail {
		record = append(record, pick(row, "fecha_corte")...)
	}
	record = append(record, pick(row, "mac_cpe", "ip_router_wifi", "ssid_router_wifi")...)
	return append(record, pick(row, "plan_internet", "zona", "router", "tecnico")...)
}

// getProfile serves the personal record. WispHub's keys are not public: these are the keys known
// to be writable, with the saldo of the client's row.
func (s *Server) getProfile(c *call) *response {
	row := s.Row(c.idNumber())
	if row == nil {
		return notFound()
	}
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	return jsonResponse(http.StatusOK, s.profile(row))
}

// profile requires s.writeMu.
func (s *Server) profile(row map[string]any) object {
	name := s.nameOf(row)
	profile := object{{"nombre", name.given}, {"apellidos", name.family}}
	return append(profile, pick(row, "cedula", "email", "direccion", "localidad", "ciudad", "telefono", "saldo")...)
}

// splitName takes the last two words as surnames, or the last one of two words.
func splitName(full string) (given, family string) {
	words := strings.Fields(full)
	first := len(words) - 2
	if len(words) < 3 {
		first = min(1, len(words))
	}
	return strings.Join(words[:first], " "), strings.Join(words[first:], " ")
}
