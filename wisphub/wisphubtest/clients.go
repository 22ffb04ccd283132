package wisphubtest

import (
	"net/http"
	"strings"
)

func (s *Server) listClients(c *call) response {
	matches, refusal, refused := combineFilters(c, c.clientFilters())
	if refused {
		return refusal
	}
	w := c.pageRange()
	s.changeBetweenPages(c, w.offset)
	page, total := s.clients.find(matches, w)
	return c.writePage(w, total, page)
}

// getClient answers the technical record, which shares its path with the list but not its keys.
func (s *Server) getClient(c *call) response {
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

// getProfile answers the personal record. Its whole list of keys is not public: these are the ones that are known to be
// written, and its saldo is the row's.
func (s *Server) getProfile(c *call) response {
	row := s.Row(c.idNumber())
	if row == nil {
		return notFound()
	}
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	return jsonResponse(http.StatusOK, s.profile(row))
}

// profile needs s.writing.
func (s *Server) profile(row map[string]any) object {
	name := s.nameOf(row)
	profile := object{{"nombre", name.given}, {"apellidos", name.family}}
	return append(profile, pick(row, "cedula", "email", "direccion", "localidad", "ciudad", "telefono", "saldo")...)
}

// splitName takes the last two words for surnames, or the last one of two.
func splitName(full string) (given, family string) {
	words := strings.Fields(full)
	first := len(words) - 2
	if len(words) < 3 {
		first = min(1, len(words))
	}
	return strings.Join(words[:first], " "), strings.Join(words[first:], " ")
}
