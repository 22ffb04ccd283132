package wisphubtest

// clientRow is a row of the list of clients: 54 keys in WispHub's order. A field is any where the
// value may be null, or a string in one row and a number in another.
type clientRow struct {
	ID             int    `json:"id_servicio"`
	Username       any    `json:"usuario"`
	Name           string `json:"nombre"`
	Email          string `json:"email"`
	EmailCopy      string `json:"email_cc"`
	Company        string `json:"razon_social"`
	PersonType     string `json:"tipo_persona"`
	Document       string `json:"cedula"`
	Address        string `json:"direccion"`
	Locality       string `json:"localidad"`
	City           string `json:"ciudad"`
	Phone          string `json:"telefono"`
	Discount       any    `json:"descuento"`
	Balance        any    `json:"saldo"`
	TaxID          string `json:"rfc"`
	Extra          any    `json:"informacion_adicional"`
	SMS            bool   `json:"notificacion_sms"`
	ScreenNotice   bool   `json:"aviso_pantalla"`
	Push           bool   `json:"notificaciones_push"`
	AutoActivate   bool   `json:"auto_activar_servicio"`
	Firewall       bool   `json:"firewall"`
	RouterUser     string `json:"servicio"`
	RouterPassword string `json:"password_servicio"`
	Hotspot        string `json:"server_hotspot"`
	IP             string `json:"ip"`
	LocalIP        any    `json:"ip_local"`
	State          string `json:"estado"`
	Antenna        any    `json:"modelo_antena"`
	CPEPassword    string `json:"password_cpe"`
	CPEMAC         string `json:"mac_cpe"`
	LANInterface   string `json:"interfaz_lan"`
	WifiModel      string `json:"modelo_router_wifi"`
	WifiIP         any    `json:"ip_router_wifi"`
	WifiMAC        string `json:"mac_router_wifi"`
	WifiUser       string `json:"usuario_router_wifi"`
	WifiPassword   string `json:"password_router_wifi"`
	SSID           string `json:"ssid_router_wifi"`
	SSIDPassword   string `json:"password_ssid_router_wifi"`
	Comments       string `json:"comentarios"`
	Coordinates    string `json:"coordenadas"`
	InstallCost    string `json:"costo_instalacion"`
	Price          any    `json:"precio_plan"`
	Contract       string `json:"forma_contratacion"`
	ONU            string `json:"sn_onu"`
	InvoiceState   string `json:"estado_facturas"`
	InstalledAt    string `json:"fecha_instalacion"`
	CancelledAt    any    `json:"fecha_cancelacion"`
	CutOff         any    `json:"fecha_corte"`
	ChangedAt      string `json:"ultimo_cambio"`
	Plan           any    `json:"plan_internet"`
	Zone           any    `json:"zona"`
	Router         any    `json:"router"`
	Sector         any    `json:"sectorial"`
	Technician     any    `json:"tecnico"`
}

// clientKeys are the values that filters compare. They are 0 and "" where the row has no value or
// one of another type.
type clientKeys struct {
	id                               int
	plan, router, sector, technician int
	username, name, email, document  string
	phone, state, city, locality     string
}

// filterKeys returns the filter keys of a generated row.
func (r *clientRow) filterKeys() clientKeys {
	user, _ := r.Username.(string)
	return clientKeys{
		id:   r.ID,
		plan: relationID(r.Plan), router: relationID(r.Router),
		sector: relationID(r.Sector), technician: relationID(r.Technician),
		username: user, name: r.Name, email: r.Email, document: r.Document,
		phone: r.Phone, state: r.State, city: r.City, locality: r.Locality,
	}
}

func relationID(relation any) int {
	switch r := relation.(type) {
	case idName:
		return r.ID
	case router:
		return r.ID
	case sector:
		return r.ID
	}
	return 0
}

// filterKeysOf returns the filter keys of any row.
func filterKeysOf(row map[string]any) clientKeys {
	text := func(key string) string {
		s, _ := row[key].(string)
		return s
	}
	return clientKeys{
		id:   usableID(row["id_servicio"]),
		plan: idIn(row["plan_internet"]), router: idIn(row["router"]),
		sector: idIn(row["sectorial"]), technician: idIn(row["tecnico"]),
		username: text("usuario"), name: text("nombre"), email: text("email"), document: text("cedula"),
		phone: text("telefono"), state: text("estado"), city: text("ciudad"), locality: text("localidad"),
	}
}

func usableID(value any) int {
	n, ok := value.(float64)
	if !ok || n < 1 || n >= 1<<53 || n != float64(int(n)) {
		return noID
	}
	return int(n)
}

func idIn(value any) int {
	relation, _ := value.(map[string]any)
	n, _ := relation["id"].(float64)
	return int(n)
}
