package graph_test

import (
	"maps"
	"time"
)

// row is a row of one of WispHub's lists.
type row map[string]any

// with returns a copy of the row with changes.
func (r row) with(changes row) row {
	changed := maps.Clone(r)
	maps.Copy(changed, changes)
	return changed
}

// fullRow has a value for every field of a client.
var fullRow = row{
	"id_servicio": 26, "usuario": "0026_ana@demo-isp", "nombre": "Ana Pérez ", "cedula": "1000000001",
	"email": "ana@correo.example", "telefono": "300 000 0001, +573000000002", "direccion": "Cra 1 # 2-03",
	"localidad": "Centro", "ciudad": "Marinilla", "estado": "Activo", "estado_facturas": "Pendiente de Pago",
	"saldo": "35000.50", "precio_plan": "65000.00", "descuento": "0.00", "fecha_corte": "8/05/2026",
	"fecha_instalacion": "01/02/2024 09:30:00", "fecha_cancelacion": nil, "ultimo_cambio": "30/04/2026 18:05:09",
	"ip": "192.0.2.26", "ip_local": "10.0.0.1", "mac_cpe": "02:00:00:00:00:01", "interfaz_lan": "ether1",
	"sn_onu": "DEMO00000026", "comentarios": "Llamar \"antes\"\r\nde ir", "coordenadas": "6.1736,-75.3361",
	"plan_internet": row{"id": 3, "nombre": "Plan 50 Fibra"},
	"zona":          row{"id": 2, "nombre": "Marinilla"},
	"router":        row{"id": 1, "nombre": "Marinilla", "falla_general": false, "falla_general_descripcion": nil},
	"sectorial":     row{"id": 4, "nombre": "Alto del Páramo"},
	"tecnico":       row{"id": 3, "nombre": "Julián Muñoz"},
}

// bareRow has all keys of a client, but only the values that cannot be missing.
var bareRow = row{
	"id_servicio": 30, "usuario": nil, "nombre": "Bo", "cedula": "", "email": "", "telefono": "", "direccion": " ",
	"localidad": "", "ciudad": "", "estado": "De Vacaciones", "estado_facturas": "", "saldo": "", "precio_plan": nil,
	"descuento": nil, "fecha_corte": "", "fecha_instalacion": "", "fecha_cancelacion": nil, "ultimo_cambio": nil, "ip": "",
	"ip_local": nil, "mac_cpe": "", "interfaz_lan": "", "sn_onu": "", "comentarios": "", "coordenadas": "somewhere",
	"plan_internet": nil, "zona": nil, "router": nil, "sectorial": nil, "tecnico": nil,
}

// setClients replaces all clients of the simulated WispHub.
func (f *fixture) setClients(rows ...row) {
	for _, id := range f.upstream.IDs() {
		f.upstream.DeleteRow(id)
	}
	for _, row := range rows {
		f.upstream.PutRow(row)
	}
}

// fullTicket has a value for every field of a ticket. Its client is fullRow.
var fullTicket = row{
	"id_ticket": 500, "asunto": "Internet Lento", "descripcion": "<p>Se reinici&oacute; el router &amp; nada.</p>\r\n<p>Llamar <b>antes</b></p>",
	"razon_falla": "", "estado": "Nuevo", "prioridad": "Alta", "tecnico": "Julián Muñoz ", "email_tecnico": "jmunoz@demo-isp",
	"departamento": "Soporte Técnico", "origen_reporte": "Portal Cliente", "fecha_creacion": daysAgo(2) + "T16:25:24-05:00",
	"fecha_estimada_inicio": "2026-02-26 10:00", "fecha_estimada_fin": "2026-03-01 18:30", "fecha_inicio": "02/26/2026 15:00",
	"fecha_fin": nil, "creado_por": "soporte@demo-isp", "finalizado_por": "jmunoz@demo-isp", "tickets_mensual": 198,
	"servicio": row{"id_servicio": 26, "nombre": "Ana Pérez ", "zona": row{"id": 2, "nombre": "Marinilla"}},
	"respuestas": []row{
		{"respuesta": "Queda navegando.", "created": daysAgo(1) + "T08:00:00-05:00", "usuario": "jmunoz@demo-isp"},
		{"respuesta": "", "created": nil},
	},
}

// daysAgo returns a date in the provider's time zone, as WispHub and this API format it.
func daysAgo(days int) string {
	return time.Now().In(bogota).AddDate(0, 0, -days).Format(time.DateOnly)
}

// setTickets replaces all tickets of the simulated WispHub.
func (f *fixture) setTickets(rows ...row) {
	for _, id := range f.upstream.TicketIDs() {
		f.upstream.DeleteTicket(id)
	}
	for _, row := range rows {
		f.upstream.PutTicket(row)
	}
}
