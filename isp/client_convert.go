package isp

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"wisphub-graphql/isp/phone"
	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

var clientStatuses = map[wisphub.ClientState]ClientStatus{
	wisphub.ClientStateUnknown: ClientUnknown,
	wisphub.ClientActive:       ClientActive,
	wisphub.ClientSuspended:    ClientSuspended,
	wisphub.ClientCancelled:    ClientCancelled,
	wisphub.ClientFree:         ClientFree,
}

var invoiceStatuses = map[wisphub.InvoiceState]InvoiceStatus{
	wisphub.InvoiceStateUnknown: InvoicesUnknown,
	wisphub.InvoicesPaid:        InvoicesPaid,
	wisphub.InvoicesPending:     InvoicesPending,
	wisphub.InvoicesOverdue:     InvoicesOverdue,
}

// converter turns upstream rows into clients. Most rows of a crawl repeat cities, prices and
// plans, so clients share these values. A converter is not safe for concurrent use.
type converter struct {
	locale
	asOf     time.Time
	shared   map[string]string // each text once
	folded   map[Text]string
	decimals map[string]Decimal
	plans    map[wisphub.Ref]*Plan
	zones    map[wisphub.Ref]*Zone
	routers  map[wisphub.Router]*Router
	sectors  map[wisphub.Ref]*Sector
	staff    map[wisphub.Ref]*Staff
	collator *collate.Collator
	buffer   collate.Buffer
	texts    arena
	scratch  []byte
}

// locale is what depends on the provider's country.
type locale struct {
	zone        *time.Location // of dates without an offset
	countryCode phone.Country  // of phones without one
}

func newConverter(loc locale, asOf time.Time) *converter {
	return &converter{
		locale:   loc,
		asOf:     asOf.In(loc.zone),
		shared:   map[string]string{},
		folded:   map[Text]string{},
		decimals: map[string]Decimal{},
		plans:    map[wisphub.Ref]*Plan{},
		zones:    map[wisphub.Ref]*Zone{},
		routers:  map[wisphub.Router]*Router{},
		sectors:  map[wisphub.Ref]*Sector{},
		staff:    map[wisphub.Ref]*Staff{},
		collator: collate.New(language.Spanish, collate.IgnoreCase, collate.IgnoreDiacritics),
	}
}

// client converts a row. The row must have a positive id.
func (v *converter) client(row *wisphub.Client) *Client {
	client := &Client{
		ServiceID:     int(row.ID),
		Username:      Text(row.Username),
		Name:          fullName(text.Visible(string(row.Name)), text.Visible(string(row.LastName))),
		Document:      Text(row.Document),
		Email:         Text(row.Email),
		Phone:         Text(row.Phone),
		Address:       Text(row.Address),
		Locality:      Text(row.Locality),
		City:          Text(row.City),
		StatusLabel:   string(row.State),
		InvoiceStatus: invoiceStatuses[wisphub.ParseInvoiceState(string(row.InvoiceState))],
		Balance:       v.amount(row.Balance),
		PlanPrice:     v.amount(row.PlanPrice),
		Discount:      v.amount(row.Discount),
		CutOffDate:    DateOf(row.CutOff.Day(v.zone)),
		CutOffText:    row.CutOff.Text,
		InstalledAt:   row.Installed.In(v.zone),
		CancelledAt:   row.Cancelled.In(v.zone),
		UpdatedAt:     row.Updated.In(v.zone),
		IP:            Text(row.IP),
		LocalIP:       Text(row.LocalIP),
		MACAddress:    Text(row.MAC),
		LANInterface:  Text(row.LANInterface),
		ONUSerial:     Text(row.ONUSerial),
		Comments:      Text(row.Comments),
		Location:      parseLocation(string(row.Coordinates)),
	}
	v.setReferences(client, row)
	v.derive(client)
	return client
}

// derive sets the fields that follow from other fields.
func (v *converter) derive(client *Client) {
	client.ID = nodeID("client", client.ServiceID)
	client.Name = text.Visible(client.Name)
	client.Phones = v.phonesIn(string(client.Phone))
	client.Status = clientStatuses[wisphub.ParseClientState(client.StatusLabel)]
	client.AsOf = v.asOf
	for _, text := range []*Text{&client.Locality, &client.City, &client.LocalIP, &client.LANInterface} {
		*text = Text(v.intern(string(*text)))
	}
	client.StatusLabel, client.CutOffText = v.intern(client.StatusLabel), v.intern(client.CutOffText)
	client.city, client.locality = v.internFolded(client.City), v.internFolded(client.Locality)
	client.nameKey = v.collationKey(client.Name)
	v.setSearchText(client)
}

// setReferences sets the plan, zone, router, sector and technician. A reference without an id is
// nil.
func (v *converter) setReferences(client *Client, row *wisphub.Client) {
	client.Plan = shareRef(v.plans, row.Plan, func(ref wisphub.Ref) *Plan {
		return &Plan{ID: nodeID("plan", int(ref.ID)), PlanID: int(ref.ID), Name: text.Visible(string(ref.Name))}
	})
	client.Zone = shareRef(v.zones, row.Zone, newZone)
	client.Sector = shareRef(v.sectors, row.Sector, func(ref wisphub.Ref) *Sector {
		return &Sector{ID: nodeID("sector", int(ref.ID)), SectorID: int(ref.ID), Name: text.Visible(string(ref.Name))}
	})
	client.Technician = shareRef(v.staff, row.Technician, func(ref wisphub.Ref) *Staff {
		return &Staff{ID: nodeID("staff", int(ref.ID)), StaffID: int(ref.ID), Name: Text(text.Visible(string(ref.Name)))}
	})
	if router := row.Router.Value; router != nil && router.ID > 0 {
		if v.routers[*router] == nil {
			v.routers[*router] = newRouter(*router)
		}
		client.Router = v.routers[*router]
	}
}

// shareRef returns the record of a reference, converted once for all clients of the crawl.
func shareRef[T any](known map[wisphub.Ref]*T, ref wisphub.Object[wisphub.Ref], convert func(wisphub.Ref) *T) *T {
	if ref.Value == nil || ref.Value.ID <= 0 {
		return nil
	}
	if known[*ref.Value] == nil {
		known[*ref.Value] = convert(*ref.Value)
	}
	return known[*ref.Value]
}

// intern returns one copy of equal texts.
func (v *converter) intern(text string) string {
	if known, ok := v.shared[text]; ok {
		return known
	}
	v.shared[text] = text
	return text
}

func (v *converter) internFolded(value Text) string {
	known, ok := v.folded[value]
	if !ok {
		known = v.intern(text.Fold(string(value)))
		v.folded[value] = known
	}
	return known
}

func (v *converter) amount(money wisphub.Money) Decimal {
	if !money.Valid {
		return Decimal{}
	}
	key := money.Amount.String()
	if known, ok := v.decimals[key]; ok {
		return known
	}
	amount := NewDecimal(money.Amount)
	v.decimals[key] = amount
	return amount
}

// maxCollationKey limits the part of a name, in bytes, that decides its order. It limits the
// size of cursors too.
const maxCollationKey = 256

// collationKey sorts names as Spanish does: ñ after n, ignoring case and accents.
func (v *converter) collationKey(name string) string {
	v.buffer.Reset()
	key := v.collator.KeyFromString(&v.buffer, name)
	return v.texts.add(key[:min(len(key), maxCollationKey)])
}

// fullName appends a last name that WispHub sends separately. No known provider has such rows,
// but two other programs that read the WispHub API expect them.
func fullName(name, lastName string) string {
	if lastName == "" || strings.HasSuffix(text.Fold(name), text.Fold(lastName)) {
		return name
	}
	return strings.TrimSpace(name + " " + lastName)
}

// parseLocation reads "latitude,longitude". It returns nil for any other text.
func parseLocation(text string) *GeoPoint {
	first, second, _ := strings.Cut(text, ",")
	latitude, err1 := strconv.ParseFloat(strings.TrimSpace(first), 64)
	longitude, err2 := strconv.ParseFloat(strings.TrimSpace(second), 64)
	if err1 != nil || err2 != nil {
		return nil
	}
	return newGeoPoint(latitude, longitude)
}

// newGeoPoint returns nil for coordinates out of range.
func newGeoPoint(latitude, longitude float64) *GeoPoint {
	if !(math.Abs(latitude) <= 90 && math.Abs(longitude) <= 180) {
		return nil
	}
	return &GeoPoint{latitude, longitude}
}

// debtOf returns a positive balance, and 0 for a credit or an unknown balance.
func debtOf(balance Decimal) decimal.Decimal {
	if balance.value.IsPositive() {
		return balance.value
	}
	return decimal.Zero
}
