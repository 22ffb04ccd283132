package wisphubtest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"time"
)

// The independent random streams of one seed.
const (
	streamData = iota + 1
	streamFaults
	streamTickets
	streamTasks
)

// firstID leaves lower ids free for clients that appear between two pages.
const firstID = 26

// bogota is the provider's time zone. Colombia has no daylight saving time, and the machine may
// lack a zone database.
var bogota = time.FixedZone("America/Bogota", -5*60*60)

// generator invents clients in sequence. It is not safe for concurrent use.
type generator struct {
	rng           *rand.Rand
	now           time.Time
	company       string
	quirks        Quirks
	catalogues    catalogues
	customerCount int        // made so far
	serviceCount  int        // made so far
	returning     []customer // those who will get another service
}

func newGenerator(seed uint64, now time.Time, company string, q Quirks) *generator {
	return &generator{
		rng:        rand.New(rand.NewPCG(seed, streamData)),
		now:        now.In(bogota),
		quirks:     q,
		company:    company,
		catalogues: newCatalogues(company, q),
	}
}

// clients makes n clients. Their ids have gaps, as deleted services leave them.
func (g *generator) clients(n int) *clientStore {
	s := &clientStore{records: make([]*clientRecord, 0, n)}
	id := firstID
	for range n {
		s.records = append(s.records, g.client(id))
		id++
		if g.chance(12) {
			id += 1 + g.rng.IntN(5)
		}
	}
	return s
}

// client makes the next client with this id.
func (g *generator) client(id int) *clientRecord {
	g.serviceCount++
	row := clientRow{ID: id}
	home := towns[weighted(g, towns, func(t town) int { return t.weight })]
	g.fillCustomer(&row, g.customer())
	g.fillAddress(&row, home)
	g.fillPlan(&row, home)
	g.fillNetwork(&row)
	g.fillEquipment(&row)
	g.fillBilling(&row)
	g.fillDates(&row)
	data := bytes.Clone(encode(&row)) // drops the buffer's spare capacity, 60,000 times
	return &clientRecord{clientKeys: row.filterKeys(), data: data}
}

// fillCustomer sets the personal data.
func (g *generator) fillCustomer(row *clientRow, c customer) {
	row.Name, row.Document, row.Phone, row.Email = c.name, c.document, c.phone, c.email
	row.PersonType = "Fisica/Natural"
	row.Extra = g.quirks.emptyDescription()
	row.RouterUser = fmt.Sprintf("%04d_%s", row.ID, c.slug)
	row.Username = row.RouterUser + "@" + g.company
	if g.quirks.NullValues && g.oneIn(200) {
		row.Username = nil
	}
	row.SMS, row.Push, row.ScreenNotice = g.chance(60), g.chance(50), g.chance(30)
}

var comments = []string{
	"", "", "", "", "Casa de dos pisos", "Llamar antes de ir\r\nPerro bravo", "Portón verde, junto a la tienda",
}

// fillAddress sets where the service is.
func (g *generator) fillAddress(row *clientRow, home town) {
	row.City = home.city
	row.Comments = oneOf(g, comments)
	if g.chance(60) {
		vereda := oneOf(g, home.veredas)
		row.Locality = "Vereda " + vereda
		row.Address = fmt.Sprintf("Vereda %s, finca %s", vereda, oneOf(g, farms))
	} else {
		row.Locality = oneOf(g, quarters)
		row.Address = fmt.Sprintf("%s %d # %d-%02d",
			oneOf(g, streets), 1+g.rng.IntN(60), 1+g.rng.IntN(80), 1+g.rng.IntN(99))
	}
	if g.chance(5) {
		row.Address, row.Locality = "", ""
	}
	if g.quirks.SecretsInRows && g.chance(70) {
		row.Coordinates = fmt.Sprintf("%.6f,%.6f",
			home.latitude+(g.rng.Float64()-0.5)/20, home.longitude+(g.rng.Float64()-0.5)/20)
	}
}

var (
	farms = []string{
		"La Esperanza", "El Porvenir", "Villa Nueva", "Los Naranjos",
		"La Montañita", "El Recreo", "Buenos Aires", "La Ñapa",
	}
	quarters = []string{"Centro", "El Jardín", "San José", "La Floresta", "Villa del Río", "Los Álamos", "Simón Bolívar"}
	streets  = []string{"Cra", "Calle", "Cl", "Carrera", "Dg", "Tv"}
)

// chance is true in percent of all cases.
func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

// oneIn is true in one of n cases.
func (g *generator) oneIn(n int) bool { return g.rng.IntN(n) == 0 }

func oneOf[T any](g *generator, values []T) T { return values[g.rng.IntN(len(values))] }

// weighted returns a random index in proportion to the weights, which add up to 100.
func weighted[T any](g *generator, values []T, weight func(T) int) int {
	left := g.rng.IntN(100)
	for i, v := range values {
		left -= weight(v)
		if left < 0 {
			return i
		}
	}
	return len(values) - 1
}
