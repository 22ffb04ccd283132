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

// converter turns upstream rows into clients. Most rows repeat cities, prices and plans, so clients
// share these values. Most rows of a refresh are as before, so it uses the previous clients again. A
// converter is not safe for concurrent use.
type converter struct {
	locale
	sharedValues
	previous *directory // nil for the first one
	read     *reading
	draft    Client
	collator *collate.Collator
	buffer   collate.Buffer
	block    textBlock
}

// locale is what depends on the provider's country.
type locale struct {
	zone        *time.Location // of dates without an offset
	countryCode phone.Country  // of phones without one
}

func newConverter(loc locale, asOf time.Time) *converter { return newConverterAfter(nil, loc, asOf) }

// newConverterAfter returns a converter that uses the clients and values of the previous directory
// again. Previous may be nil.
func newConverterAfter(previous *directory, loc locale, asOf time.Time) *converter {
	return &converter{
		locale:       loc,
		sharedValues: newSharedValues(previous),
		previous:     previous,
		read:         &reading{asOf.In(loc.zone)},
		collator:     collate.New(language.Spanish, collate.IgnoreCase, collate.IgnoreDiacritics),
	}
}

// client converts a row. The row must have a positive id.
func (v *converter) client(row *wisphub.Client) *Client {
	v.draft = Client{
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
		Plan:          v.plans.of(row.Plan),
		Zone:          v.zones.of(row.Zone),
		Router:        v.routers.of(row.Router),
		Sector:        v.sectors.of(row.Sector),
		Technician:    v.staff.of(row.Technician),
	}
	return v.finish()
}

// finish returns the previous client if the draft is equal to it, else the draft as a new client.
func (v *converter) finish() *Client {
	v.draft.Name = text.Visible(v.draft.Name)
	if known := v.known(v.draft.ServiceID); known != nil && sameClient(known, &v.draft) {
		return known
	}
	client := new(Client)
	*client = v.draft
	client.read.Store(v.read)
	v.derive(client)
	return client
}

// derive sets the fields that follow from other fields, and moves the texts to where they stay.
func (v *converter) derive(c *Client) {
	c.ID = nodeID("client", c.ServiceID)
	c.Phones = v.phonesIn(string(c.Phone))
	c.Status = clientStatuses[wisphub.ParseClientState(c.StatusLabel)]
	for _, text := range repeatedTexts(c) {
		*text = v.intern(*text)
	}
	c.city, c.locality = v.internFolded(c.City), v.internFolded(c.Locality)
	v.block.reset()
	v.setSearchText(c)
	v.setNameKey(c)
	for _, text := range ownTexts(c) {
		v.block.add(text)
	}
	for i := range c.Phones {
		v.block.add(&c.Phones[i])
	}
	v.block.finish()
}

// maxCollationKey limits the part of a name, in bytes, that decides its order. It limits the
// size of cursors too.
const maxCollationKey = 256

// setNameKey sets the key that sorts names as Spanish does: ñ after n, ignoring case and accents.
func (v *converter) setNameKey(c *Client) {
	v.buffer.Reset()
	key := v.collator.KeyFromString(&v.buffer, c.Name)
	v.block.append(&c.nameKey, key[:min(len(key), maxCollationKey)])
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
	if balance.Value().IsPositive() {
		return balance.Value()
	}
	return decimal.Zero
}
