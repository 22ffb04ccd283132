package isp

import (
	"cmp"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var bothDirections = []OrderDirection{Ascending, Descending}

// orderedIDs returns the service ids of a directory in an order.
func orderedIDs(directory *directory, order ClientOrder) []int {
	ids := []int{}
	for n := range directory.clients {
		ids = append(ids, directory.clients[directory.rankings[order.Field].at(n, order.Direction)].ServiceID)
	}
	return ids
}

func TestDirectory_Order(t *testing.T) {
	t.Parallel()
	directory := directoryOf(t,
		map[string]any{"id_servicio": 1, "nombre": "Ñame Ruiz", "saldo": "10.00", "fecha_corte": "9/05/2026", "fecha_instalacion": "02/01/2020 10:00:00"},
		map[string]any{"id_servicio": 2, "nombre": "nuñez"},
		map[string]any{"id_servicio": 3, "nombre": "", "saldo": "-9.00", "fecha_corte": "", "fecha_instalacion": "01/01/1900 00:00:00"},
		map[string]any{"id_servicio": 4, "nombre": "Óscar", "saldo": 9, "fecha_corte": "10/05/2025", "fecha_instalacion": "2020-01-02T14:00:00Z"},
		map[string]any{"id_servicio": 5, "nombre": "NÚÑEZ", "saldo": "10", "fecha_corte": "2026-05-09", "fecha_instalacion": "02/01/2020 15:00:00"},
		map[string]any{"id_servicio": 6, "nombre": "Nuzo", "saldo": "0.00"},
		map[string]any{"id_servicio": 7, "nombre": "nuno", "saldo": "x"},
		map[string]any{"id_servicio": 8},
	)
	tests := []struct {
		field      ClientOrderField
		ascending  []int
		descending []int
	}{
		{OrderByServiceID, []int{1, 2, 3, 4, 5, 6, 7, 8}, []int{8, 7, 6, 5, 4, 3, 2, 1}},
		// ñ is a letter after n, ú equals u. Equal names are sorted by id, in the same direction.
		{OrderByName, []int{7, 2, 5, 6, 1, 4, 3, 8}, []int{4, 1, 6, 5, 2, 7, 3, 8}},
		{OrderByBalance, []int{3, 6, 4, 1, 5, 2, 7, 8}, []int{5, 1, 4, 6, 3, 2, 7, 8}},
		{OrderByCutOffDate, []int{4, 1, 5, 2, 3, 6, 7, 8}, []int{5, 1, 4, 2, 3, 6, 7, 8}},
		{OrderByInstalledAt, []int{3, 4, 1, 5, 2, 6, 7, 8}, []int{5, 1, 4, 3, 2, 6, 7, 8}},
	}
	for _, test := range tests {
		if got := orderedIDs(directory, ClientOrder{test.field, Ascending}); !slices.Equal(got, test.ascending) {
			t.Errorf("order by %s ascending = %v, want %v", test.field, got, test.ascending)
		}
		if got := orderedIDs(directory, ClientOrder{test.field, Descending}); !slices.Equal(got, test.descending) {
			t.Errorf("order by %s descending = %v, want %v", test.field, got, test.descending)
		}
	}
}

// Names that differ only after maxCollationKey are sorted by id.
func TestDirectory_OrderOfLongNames(t *testing.T) {
	t.Parallel()
	long := ""
	for range 100 {
		long += "Ñandú "
	}
	directory := directoryOf(t,
		map[string]any{"id_servicio": 1, "nombre": long + "b"}, map[string]any{"id_servicio": 2, "nombre": long + "a"},
		map[string]any{"id_servicio": 3, "nombre": "Ana"},
	)
	if got := orderedIDs(directory, ClientOrder{OrderByName, Ascending}); !slices.Equal(got, []int{3, 1, 2}) {
		t.Errorf("order by name = %v, want [3 1 2]", got)
	}
	key := sortKeys[OrderByName]
	if text := key.cursorOf(directory.byID(1), 1); len(text) > maxCursor {
		t.Errorf("the cursor of a long name has %d characters, want at most %d", len(text), maxCursor)
	}
}

func drawOrder(t *rapid.T) ClientOrder {
	return ClientOrder{
		Field:     rapid.SampledFrom(slices.Sorted(maps.Keys(sortKeys))).Draw(t, "field"),
		Direction: rapid.SampledFrom(bothDirections).Draw(t, "direction"),
	}
}

// sortValue returns how the client's value compares with another client's. ok is false if it has
// no value.
func sortValue(c *Client, field ClientOrderField) (compareTo func(*Client) int, ok bool) {
	switch field {
	case OrderByName:
		return func(other *Client) int { return cmp.Compare(c.nameKey, other.nameKey) }, c.Name != ""
	case OrderByBalance:
		return func(other *Client) int { return c.Balance.Value().Cmp(other.Balance.Value()) }, c.Balance.String() != ""
	case OrderByCutOffDate:
		return func(other *Client) int { return cmp.Compare(c.CutOffDate, other.CutOffDate) }, c.CutOffDate != ""
	case OrderByInstalledAt:
		return func(other *Client) int { return c.InstalledAt.Compare(other.InstalledAt) }, c.InstalledAt != time.Time{}
	}
	return func(*Client) int { return 0 }, true
}

// wantOrdered fails the test unless a comes before b.
func wantOrdered(t *rapid.T, order ClientOrder, a, b *Client) {
	compare, hasA := sortValue(a, order.Field)
	_, hasB := sortValue(b, order.Field)
	sign := 1
	if order.Direction == Descending {
		sign = -1
	}
	inOrder := hasA
	switch {
	case hasA && hasB:
		inOrder = sign*cmp.Or(compare(b), cmp.Compare(a.ServiceID, b.ServiceID)) < 0
	case !hasA && !hasB:
		inOrder = a.ServiceID < b.ServiceID
	}
	if !inOrder {
		t.Errorf("order %v: client %d comes before %d", order, a.ServiceID, b.ServiceID)
	}
}
