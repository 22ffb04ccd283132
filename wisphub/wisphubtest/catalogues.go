package wisphubtest

import "net/http"

// catalogue is what a provider has besides clients. It does not change.
type catalogues struct {
	plans          []plan
	zones          []idName
	routers        []router
	sectors        []sector
	staff          []staff
	paymentMethods []idName
}

type idName struct {
	ID   int    `json:"id"`
	Name string `json:"nombre"`
}

// plan is an internet plan, as the list shows it and as its own path does.
type plan struct {
	listed listedPlan
	detail planDetail
	family string // the path element under which it is found, "" for none
	price  int    // pesos
	weight int    // of 100 clients, how many have it
}

type listedPlan struct {
	ID   int    `json:"id"`
	Name string `json:"nombre"`
	Kind string `json:"tipo"`
}

type planDetail struct {
	Name        string `json:"nombre"`
	Price       any    `json:"precio"`
	Down        string `json:"bajada"`
	Up          string `json:"subida"`
	Description string `json:"descripcion"`
	Profile     string `json:"perfil,omitempty"`
}

// router is a MikroTik. Rows of clients show it without its address.
type router struct {
	ID      int    `json:"id"`
	Name    string `json:"nombre"`
	IP      string `json:"ip,omitempty"`
	Failure bool   `json:"falla_general"`
	Reason  any    `json:"falla_general_descripcion"`
}

// sector is an access point to which antennas connect.
type sector struct {
	ID      int    `json:"id"`
	Name    string `json:"nombre"`
	Failure bool   `json:"falla_general"`
	Reason  any    `json:"falla_general_descripcion"`
}

type staff struct {
	ID       int    `json:"id"`
	Username string `json:"username"`
	Name     string `json:"nombre"`
	Email    string `json:"email"`
}

func (s *Server) listPlans(c *call) response {
	rows := make([]listedPlan, 0, len(s.catalogues.plans))
	for _, p := range s.catalogues.plans {
		rows = append(rows, p.listed)
	}
	return listPage(c, rows)
}

func (s *Server) getPPPoEPlan(c *call) response { return s.getPlan(c, "pppoe") }

func (s *Server) getQueuePlan(c *call) response { return s.getPlan(c, "queue") }

func (s *Server) getPlan(c *call, family string) response {
	for _, p := range s.catalogues.plans {
		if p.listed.ID == c.idNumber() && (p.family == family || !c.quirks.PlanFamilies) {
			return jsonResponse(http.StatusOK, p.detail)
		}
	}
	return notFound()
}

func (s *Server) listZones(c *call) response { return listPage(c, s.catalogues.zones) }

func (s *Server) listRouters(c *call) response { return listPage(c, s.catalogues.routers) }

func (s *Server) listSectors(c *call) response { return listPage(c, s.catalogues.sectors) }

func (s *Server) listStaff(c *call) response { return listPage(c, s.catalogues.staff) }

func (s *Server) listPaymentMethods(c *call) response {
	return listPage(c, s.catalogues.paymentMethods)
}
