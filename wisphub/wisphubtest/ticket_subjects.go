package wisphubtest

// commonSubjects is the number of subjects, from the first, that most tickets have.
const commonSubjects = 24

// subjects is the catalogue after years of use: a misspelt subject stands beside the correct one,
// as a subject of its own.
var subjects = []string{
	"Internet Lento", "No Tiene Internet", "Internet Intermitente", "Antena Desalineada", "No Responde la Antena",
	"No Responde el Router Wifi", "Cable UTP Dañado", "PoE Dañado", "Conector Dañado", "Cable Fibra Dañado",
	"Jumper Dañado", "Troncal Dañada", "Caja Nap Dañada", "Cambio A Fibra Óptica", "Cambio de Domicilio", "Reconexion",
	"Desconexión", "Cancelación", "Recolección De Equipos", "Cambio de Contraseña en Router Wifi", "Antena Dañada",
	"Cambio de Router Wifi", "Cambio de Antena", "Otro Asunto",

	"Instalacion Nueva", "Instatalacion Nueva", "Instalación Nueva Fibra", "Instalacion Nueva Antena", "Instalacion Camara",
	"Instalación de Cámaras", "Instalacion Television", "Instalación Telefonía", "Instalacion Repetidor",
	"Instalación Punto Adicional", "Instalacion Torre", "Instalación Extensor Wifi", "Instalacion Cancelada",
	"Instalación Reprogramada", "Instalacion UPS",

	"Reconexión", "Reconección", "Reconexion por Pago", "Reconexion Masiva", "Desconexion", "Desconexion por Mora",
	"Desconexión Temporal", "Suspensión Temporal", "Suspension por Viaje", "Cancelacion", "Cancelación por Traslado",
	"Cancelacion por Servicio", "Retiro de Equipos", "Retiro Definitivo", "Recoleccion de Equipos", "Recolección ONU",

	"Cables Mal Colocados", "Cableado Para Modem Extra", "Cableado Interno", "Cableado Estructurado", "Cable Reventado",
	"Cable Mordido", "Cable Cortado por Terceros", "Alambres Rotos", "RJ45 Dañado", "Conector Mecánico Dañado",
	"Eliminador Dañado", "Eliminador Quemado", "Regulador Dañado", "UPS Dañada", "Bateria Dañada", "Adaptador Dañado",
	"Poe Dañado", "POE Quemado", "Antena valores De Fabrica", "Antena Desconfigurada", "Antena Caida", "Antena Robada",
	"Antena Mojada", "Alineacion de Antena", "Alineación de Antena", "Cambio de Antena + Router Wifi", "Cambio de PoE",
	"Cambio de Cable", "Cambio de Conector", "Cambio de ONU", "Cambio de ONT", "Cambio de Equipo", "Cambio de Plan",
	"Cambio de Titular", "Cambio de Nombre de Red", "Cambio de Nombre Wifi", "Cambio de Domicilo", "Cambio de Poste",
	"Cambio de Contraseña", "Cambio a Fibra Optica", "Cambio de Tecnología",

	"Router Wifi Reseteado (Valores de Fabrica)", "Router Wifi Dañado", "Router Bloqueado", "Router Reiniciado",
	"Router sin Señal", "Wifi No Aparece", "Wifi Lento", "Wifi Sin Cobertura", "Configuracion de Router",
	"Configuración de Router", "Configuracion de ONU", "Configuracion de Repetidor", "Apertura de Puertos", "IP Publica",
	"Bloqueo de Página", "Control Parental", "Revision de Velocidad", "Revisión Técnica", "Revision de Cobertura",
	"Revision de Señal", "Potencia Baja", "Potencia Alta", "Atenuación Alta", "LOS en Rojo", "ONU Apagada", "ONU Dañada",
	"ONU Sin Autorizar", "Fibra Cortada", "Fibra Doblada", "Troncal Dañado", "Troncal Caída", "Caja Nap Llena",
	"Caja NAP Dañada", "Splitter Dañado", "Poste Caido", "Poste Dañado", "Mufa Dañada", "Sector Caido", "Falla General",
	"Falla Eléctrica", "Mantenimiento Preventivo", "Mantenimiento Correctivo", "Mantenimento Torre", "Visita Técnica",
	"Visita Tecnica", "Traslado Interno", "Traslado de Equipos", "Prueba", "Soporte General",
}

// listSubjects serves the catalogue. The form of its rows is not public: objects with id and
// nombre, or strings.
func (s *Server) listSubjects(c *call) *response {
	if c.quirks.TextSubjects {
		return listPage(c, subjects)
	}
	rows := make([]idName, 0, len(subjects))
	for i, subject := range subjects {
		rows = append(rows, idName{ID: i + 1, Name: subject})
	}
	return listPage(c, rows)
}
