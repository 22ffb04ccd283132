package wisphubtest

import (
	"fmt"
	"slices"
	"strings"
)

// town is a place where clients live, with its zone and the router that serves it.
type town struct {
	zone, router int // indexes into the catalogues
	city         string
	latitude     float64
	longitude    float64
	veredas      []string
	weight       int // the share of clients who live there, in percent
}

var towns = []town{
	{0, 2, "Rionegro", 6.1549, -75.3737, []string{"El Rosal", "Cabeceras", "Llano Grande", "La Mosca"}, 22},
	{1, 0, "Marinilla", 6.1736, -75.3361, []string{"La Esmeralda", "Belén", "Montañita", "Cascajo Arriba"}, 18},
	{2, 1, "El Peñol", 6.2190, -75.2430, []string{"La Chapa", "Guamito", "El Marial", "Palmira"}, 12},
	{3, 5, "Guatapé", 6.2330, -75.1590, []string{"La Piedra", "Quebrada Arriba", "El Roble"}, 10},
	{4, 3, "La Ceja", 6.0280, -75.4330, []string{"San Nicolás", "El Tambo", "Guamito", "La Milagrosa"}, 14},
	{5, 4, "Fusagasugá", 4.3370, -74.3640, []string{"Chinauta", "La Aguadita", "Bosachoque", "El Novillero"}, 12},
	{6, 6, "Chocontá", 5.1450, -73.6850, []string{"Saucío", "Boquerón", "Tilatá"}, 7},
	{7, 7, "Machetá", 5.0800, -73.6060, []string{"Quebrada Honda", "San José", "Santa Librada"}, 5},
}

// routerTowns names the routers in another order than the zones, so that one id names two places.
var routerTowns = []string{
	"Marinilla", "El Peñol", "Rionegro", "La Ceja", "Fusagasugá", "Guatapé", "Chocontá", "Machetá",
}

var plans = []plan{
	{listedPlan{1, "Plan 10", "PPPoE"}, planDetail{Down: "10M", Up: "5M", Profile: "plan-10"}, "pppoe", 45_000, 8},
	{listedPlan{2, "Plan 20", "PPPoE"}, planDetail{Down: "20M", Up: "10M", Profile: "plan-20"}, "pppoe", 55_000, 12},
	{listedPlan{3, "Plan 50 Fibra", "PPPOE"}, planDetail{Down: "50M", Up: "25M", Profile: "fibra-50"}, "pppoe", 65_000, 20},
	{listedPlan{4, "Plan 100 Fibra", "PPPOE"}, planDetail{Down: "100M", Up: "50M", Profile: "fibra-100"}, "pppoe", 80_000, 14},
	{listedPlan{5, "Plan 200 Fibra", "PPPOE"}, planDetail{Down: "200M", Up: "100M", Profile: "fibra-200"}, "pppoe", 110_000, 6},
	{listedPlan{7, "Plan 700 Fibra Óptica", "PPPoE"}, planDetail{Down: "700M", Up: "350M", Profile: "fibra-700"}, "pppoe", 199_900, 2},
	{listedPlan{8, "Rural 4 Megas", "SIMPLE QUEUE"}, planDetail{Down: "4", Up: "2"}, "queue", 50_000, 9},
	{listedPlan{9, "Rural 6 Megas", "SIMPLE QUEUE"}, planDetail{Down: "6", Up: "3"}, "queue", 60_000, 9},
	{listedPlan{10, "Rural 10 Megas", "SIMPLE QUEUE"}, planDetail{Down: "10240k", Up: "5120k"}, "queue", 75_000, 7},
	{listedPlan{12, "Antena 15 Megas", "SIMPLE QUEUE"}, planDetail{Down: "15M", Up: "5M"}, "queue", 85_000, 4},
	{listedPlan{13, "Corporativo 50 Dedicado", "SIMPLE QUEUE"}, planDetail{Down: "50M", Up: "50M"}, "queue", 250_000, 1},
	{listedPlan{15, "PCQ Veredas", "PCQ"}, planDetail{Down: "5M", Up: "2M"}, "", 40_000, 4},
	{listedPlan{16, "PCQ Familiar", "PCQ"}, planDetail{Down: "8M", Up: "4M"}, "", 48_000, 3},
	{listedPlan{20, "Cortesía", "PPPoE"}, planDetail{Down: "10M", Up: "10M", Profile: "cortesia"}, "pppoe", 0, 1},
}

var technicians = []staff{
	{1, "admin@demo-isp", "Luz Marina Ocampo", "admin@demo-isp.example"},
	{2, "soporte@demo-isp", "", ""},
	{3, "jmunoz@demo-isp", "Julián Muñoz", "jmunoz@demo-isp.example"},
	{4, "ycastano@demo-isp", "Yésica Castaño ", ""},
	{6, "wpena@demo-isp", "Wílmer Peña", "wpena@demo-isp.example"},
	{9, "caja@demo-isp", "", "caja@demo-isp.example"},
}

var paymentMethods = []idName{
	{1, "Efectivo"}, {2, "Transferencia Bancaria"}, {3, "Consignación"},
	{5, "Nequi"}, {6, "Daviplata"}, {8, "Saldo a Favor"},
}

var sectorNames = []string{"Sector Norte", "Sector Sur", "Cerro La Cruz", "Alto del Páramo", "Torre El Peñón", "Nodo Centro"}

func newCatalogues(company string, q Quirks) catalogues {
	c := catalogues{paymentMethods: paymentMethods, staff: slices.Clone(technicians)}
	for i, t := range towns {
		c.zones = append(c.zones, idName{ID: i + 1, Name: t.city})
	}
	for i, name := range routerTowns {
		c.routers = append(c.routers, newRouter(q, i+1, name))
	}
	for i, name := range sectorNames {
		c.sectors = append(c.sectors, sector{ID: i + 1, Name: name, Reason: q.emptyDescription()})
	}
	for _, p := range plans {
		c.plans = append(c.plans, p.withQuirks(q))
	}
	for i := range c.staff {
		c.staff[i].Username = strings.Replace(c.staff[i].Username, "@"+defaultCompany, "@"+company, 1)
		if !q.LooseNames {
			c.staff[i].Name = strings.TrimSpace(c.staff[i].Name)
		}
		if !q.NullValues && c.staff[i].Name == "" {
			c.staff[i].Name = "Soporte"
		}
	}
	return c
}

func newRouter(q Quirks, id int, name string) router {
	r := router{ID: id, Name: name, IP: fmt.Sprintf("192.0.2.%d", id), Reason: q.emptyDescription()}
	if !q.SharedIDs {
		r.ID += 100
	}
	if name == "Guatapé" {
		r.Failure, r.Reason = true, "Corte de fibra en la troncal"
	}
	return r
}

// withQuirks fills in the price and the texts as WispHub shows them.
func (p plan) withQuirks(q Quirks) plan {
	if !q.MixedPlanCase && p.family == "pppoe" {
		p.listed.Kind = "PPPoE"
	}
	p.detail.Name = p.listed.Name
	p.detail.Price = q.money(p.price)
	p.detail.Description = fmt.Sprintf("%s\r\nBajada %s, subida %s", p.listed.Name, p.detail.Down, p.detail.Up)
	return p
}

// money formats an amount of clients and plans, given in pesos.
func (q Quirks) money(pesos int) any {
	if q.TextMoney {
		return fmt.Sprintf("%d.00", pesos)
	}
	return pesos
}

// emptyDescription is how WispHub sends a description without text.
func (q Quirks) emptyDescription() any {
	if q.NullDescriptions {
		return nil
	}
	return ""
}
