package isp

import (
	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// sharedValues holds one copy of each value that clients have in common.
type sharedValues struct {
	texts    map[string]string
	folded   map[Text]string
	decimals map[string]Decimal // by any text of the amount
	plans    records[wisphub.Ref, Plan]
	zones    records[wisphub.Ref, Zone]
	routers  records[wisphub.Router, Router]
	sectors  records[wisphub.Ref, Sector]
	staff    records[wisphub.Ref, Staff]
}

// newSharedValues returns the values of a directory, none for nil.
func newSharedValues(d *directory) sharedValues {
	refID := func(row wisphub.Ref) wisphub.Int { return row.ID }
	s := sharedValues{
		texts: map[string]string{}, folded: map[Text]string{}, decimals: map[string]Decimal{},
		plans: newRecords(refID, newPlan), zones: newRecords(refID, newZone),
		routers: newRecords(func(row wisphub.Router) wisphub.Int { return row.ID }, newRouter),
		sectors: newRecords(refID, newSector), staff: newRecords(refID, newTechnician),
	}
	if d == nil {
		return s
	}
	pace := newWorkPace()
	for _, client := range d.clients {
		s.addTexts(client)
		for _, amount := range []Decimal{client.Balance, client.PlanPrice, client.Discount} {
			s.addAmount(amount)
		}
		pace.step()
	}
	s.plans.addAll(d.clients, func(c *Client) *Plan { return c.Plan })
	s.zones.addAll(d.clients, func(c *Client) *Zone { return c.Zone })
	s.routers.addAll(d.clients, func(c *Client) *Router { return c.Router })
	s.sectors.addAll(d.clients, func(c *Client) *Sector { return c.Sector })
	s.staff.addAll(d.clients, func(c *Client) *Staff { return c.Technician })
	return s
}

func (s *sharedValues) addTexts(c *Client) {
	for _, text := range repeatedTexts(c) {
		s.intern(*text)
	}
	s.folded[c.City], s.folded[c.Locality] = s.intern(c.city), s.intern(c.locality)
}

func (s *sharedValues) addAmount(amount Decimal) {
	if _, known := s.decimals[amount.String()]; known || amount.IsZero() {
		return
	}
	s.decimals[amount.String()], s.decimals[amount.Value().String()] = amount, amount
}

// intern returns one copy of equal texts.
func (s *sharedValues) intern(text string) string {
	if known, ok := s.texts[text]; ok {
		return known
	}
	s.texts[text] = text
	return text
}

func (s *sharedValues) internFolded(value Text) string {
	known, ok := s.folded[value]
	if !ok {
		known = s.intern(text.Fold(string(value)))
		s.folded[value] = known
	}
	return known
}

func (s *sharedValues) amount(money wisphub.Money) Decimal {
	if !money.Valid {
		return Decimal{}
	}
	key := money.Amount.String()
	if known, ok := s.decimals[key]; ok {
		return known
	}
	amount := NewDecimal(money.Amount)
	s.decimals[key] = amount
	return amount
}

// parseAmount returns the amount, or no amount for other text.
func (s *sharedValues) parseAmount(text string) Decimal {
	if known, ok := s.decimals[text]; ok {
		return known
	}
	amount, _ := ParseDecimal(text)
	s.decimals[text] = amount
	return amount
}

// records are those that rows refer to, one of each value.
type records[R, T comparable] struct {
	id      func(R) wisphub.Int
	convert func(R) *T
	byRow   map[R]*T
	byValue map[T]*T
}

func newRecords[R, T comparable](id func(R) wisphub.Int, convert func(R) *T) records[R, T] {
	return records[R, T]{id, convert, map[R]*T{}, map[T]*T{}}
}

// of returns the record of a reference, nil for one without an id.
func (r records[R, T]) of(row wisphub.Object[R]) *T {
	if row.Value == nil || r.id(*row.Value) <= 0 {
		return nil
	}
	if r.byRow[*row.Value] == nil {
		r.byRow[*row.Value] = r.share(r.convert(*row.Value))
	}
	return r.byRow[*row.Value]
}

// share returns the known record that is equal, or the given one. Nil stays nil.
func (r records[R, T]) share(record *T) *T {
	if record == nil {
		return nil
	}
	if r.byValue[*record] == nil {
		r.byValue[*record] = record
	}
	return r.byValue[*record]
}

// addAll adds the records of clients.
func (r records[R, T]) addAll(clients []*Client, of func(*Client) *T) {
	seen := map[*T]bool{} // comparing pointers is faster
	for _, client := range clients {
		if record := of(client); !seen[record] {
			seen[record] = true
			r.share(record)
		}
	}
}
