package wisphubtest

import (
	"fmt"
	"time"
)

const (
	rowTimeLayout = "02/01/2006 15:04:05"
	cutOffLayout  = "2/01/2006" // the day is not padded
)

var clientStateWeights = []int{0, 80, 12, 6, 2} // by state code

// fillPlan sets state, plan, zone, router, sector and technician.
func (g *generator) fillPlan(row *clientRow, home town) {
	code := weighted(g, clientStateWeights, func(w int) int { return w })
	row.State = stateLabels[code]
	chosen := g.catalogues.plans[weighted(g, g.catalogues.plans, func(p plan) int { return p.weight })]
	row.Price = g.quirks.money(chosen.price)
	row.Discount = g.quirks.money(0)
	router := g.catalogues.routers[home.router]
	router.IP = "" // rows do not show it

	row.Plan = g.nullIn(1, idName{chosen.listed.ID, chosen.listed.Name})
	row.Zone = g.nullIn(1, g.catalogues.zones[home.zone])
	row.Router = g.nullIn(1, router)
	row.Sector = g.nullIn(60, oneOf(g, g.catalogues.sectors))
	technician := oneOf(g, g.catalogues.staff)
	row.Technician = g.nullIn(50, idName{technician.ID, technician.Name})
}

// nullIn returns null in percent of all cases, else value.
func (g *generator) nullIn(percent int, value any) any {
	if g.chance(percent) && g.quirks.NullValues {
		return nil
	}
	return value
}

// fillNetwork sets how the router identifies the service.
func (g *generator) fillNetwork(row *clientRow) {
	n := g.serviceCount
	row.IP = fmt.Sprintf("10.%d.%d.%d", n>>16&0xff, n>>8&0xff, n&0xff)
	row.LocalIP = g.nullIn(40, "10.0.0.1")
	row.RouterPassword = g.inventedPassword()
	row.AutoActivate, row.Firewall = g.chance(70), g.chance(90)
	row.Contract = "-------------"
	row.CPEMAC = g.inventedMAC(70)
	if g.chance(30) {
		row.LANInterface = "ether" + fmt.Sprint(1+g.rng.IntN(5))
	}
}

// fillEquipment sets the devices in the house.
func (g *generator) fillEquipment(row *clientRow) {
	if g.chance(15) {
		row.Antenna = "LiteBeam M5"
	}
	if g.chance(45) {
		row.ONU = fmt.Sprintf("DEMO%08X", g.rng.Uint32())
	}
	if g.chance(50) {
		row.WifiModel, row.WifiUser, row.WifiIP = "Archer C20", "admin", "192.168.0.1"
		row.SSID = fmt.Sprintf("Familia_%d", row.ID)
		row.WifiPassword, row.SSIDPassword = g.inventedPassword(), g.inventedPassword()
		row.WifiMAC = g.inventedMAC(80)
	}
	row.CPEPassword = g.inventedPassword()
	if g.chance(40) {
		row.InstallCost = "80000.00"
	}
}

// inventedPassword is recognisable as no real password.
func (g *generator) inventedPassword() string {
	secret := fmt.Sprintf("clave-inventada-%04d", g.rng.IntN(10_000))
	if !g.quirks.SecretsInRows {
		return ""
	}
	return secret
}

// inventedMAC is in a range without a manufacturer. It is "" unless percent hits.
func (g *generator) inventedMAC(percent int) string {
	if !g.chance(percent) {
		return ""
	}
	n := g.rng.Uint32()
	return fmt.Sprintf("02:00:%02X:%02X:%02X:%02X", n>>24, n>>16&0xff, n>>8&0xff, n&0xff)
}

// fillBilling sets the carried saldo and the state of the invoices, which are independent.
func (g *generator) fillBilling(row *clientRow) {
	row.Balance = g.quirks.money(g.carriedBalance())
	row.InvoiceState = invoicesPaid
	open := 22
	if row.State == "Suspendido" {
		open = 100
	}
	if row.State != "Gratis" && g.chance(open) {
		row.InvoiceState = invoicesPending
		if g.chance(20) {
			row.InvoiceState = invoicesOverdue
		}
	}
}

// carriedBalance is mostly 0, sometimes a debt (positive) or a credit (negative).
func (g *generator) carriedBalance() int {
	switch kind := g.rng.IntN(100); {
	case kind < 10:
		return 1_000 * (1 + g.rng.IntN(120))
	case kind < 15:
		return -10 * (1 + g.rng.IntN(3_000))
	}
	return 0
}

// fillDates sets dates around the provider's today.
func (g *generator) fillDates(row *clientRow) {
	installed := g.timeBefore(g.now, 6*365)
	changed := g.timeBefore(g.now, 1+int(g.now.Sub(installed).Hours()/24))
	if changed.Before(installed) {
		changed = installed
	}
	row.InstalledAt, row.ChangedAt = installed.Format(rowTimeLayout), changed.Format(rowTimeLayout)
	if row.State == "Cancelado" {
		row.CancelledAt = changed.Format(rowTimeLayout)
	}
	row.CutOff = g.cutOffDate(row.State)
}

// timeBefore is at most that many days earlier than end.
func (g *generator) timeBefore(end time.Time, days int) time.Time {
	return end.Add(-time.Duration(g.rng.IntN(days*24*60*60)) * time.Second)
}

// cutOffDate is the day on which an unpaid service is cut. It has passed for suspended and
// cancelled services.
func (g *generator) cutOffDate(state string) any {
	months := 1
	if state == "Suspendido" || state == "Cancelado" {
		months = -g.rng.IntN(3)
	}
	first := time.Date(g.now.Year(), g.now.Month(), 1, 0, 0, 0, 0, bogota)
	day := first.AddDate(0, months, oneOf(g, []int{5, 8, 15, 20, 28})-1)
	missing := g.rng.IntN(100)
	switch {
	case !g.quirks.LooseCutOff:
		return day.Format("02/01/2006")
	case missing < 3:
		return ""
	case missing < 5:
		return nil
	}
	return day.Format(cutOffLayout)
}
