package wisphubtest

import "net/http"

// catalogues holds the provider's data besides clients and tickets. It never changes.
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

// plan is an internet plan in two forms: the row of the list and the body of its own path.
type plan struct {
	listed listedPlan
	detail planDetail
	family string // the path element that serves the plan, "" if none does
	price  int    // in pesos
	weight int    // the share of clients that have it, in percent
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

// router is a MikroTik router. Client rows leave out its address.
type router struct {
	ID      int    `json:"id"`
	Name    string `json:"nombre"`
	IP      string `json:"ip,omitempty"`
	Failure bool   `json:"falla_general"`
	Reason  any    `json:"falla_general_descripcion"`
}

// sector is an access point to which the clients' antennas connect.
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

func (s *Server) listPlans(c *call) *response {
	rows := make([]listedPlan, 0, len(s.catalogues.plans))
	for _, p := range s.catalogues.plans {
		rows = append(rows, p.listed)
	}
	return listPage(c, rows)
}

func (s *Server) getPPPoEPlan(c *call) *response { return s.getPlan(c, "pppoe") }

func (s *Server) getQueuePlan(c *call) *response { return s.getPlan(c, "queue") }

func (s *Server) getPlan(c *call, family string) *response {
	for _, p := range s.catalogues.plans {
		if p.listed.ID == c.idNumber() && (p.family == family || !c.quirks.PlanFamilies) {
			return jsonResponse(http.StatusOK, p.detail)
		}
	}
	return notFound()
}

func (s *Server) listZones(c *call) *response { return listPage(c, s.catalogues.zones) }

func (s *Server) listRouters(c *call) *response { return listPage(c, s.catalogues.routers) }

func (s *Server) listSectors(c *call) *response { return listPage(c, s.catalogues.sectors) }

func (s *Server) listStaff(c *call) *response { return listPage(c, s.catalogues.staff) }

func (s *Server) listPaymentMethods(c *call) *response {
	return listPage(c, s.catalogues.paymentMethods)
}
