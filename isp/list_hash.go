package isp

// listHash is a hash of what defines a list: its order, filter and search. It ties a cursor to its
// list, on all replicas and after a restart, so what it hashes must not change without need. An absent
// value differs from an empty one, and no two fields can pass for others.
type listHash uint64

// newListHash begins the hash of a kind of list.
func newListHash(kind string) listHash {
	h := listHash(0xcbf29ce484222325)
	h.text(kind)
	return h
}

// number is a step of FNV-1a with a whole number in place of a byte, and its high bits mixed into the
// low ones.
func (h *listHash) number(n int) {
	next := (*h ^ listHash(n)) * 0x100000001b3
	*h = next ^ next>>32
}

func (h *listHash) text(text string) {
	h.number(len(text))
	for i := range len(text) {
		h.number(int(text[i]))
	}
}

func (h *listHash) numbers(list []int) {
	if h.length(len(list), list == nil) {
		for _, n := range list {
			h.number(n)
		}
	}
}

// length adds whether there is a list, and its length.
func (h *listHash) length(n int, isAbsent bool) (present bool) {
	if isAbsent {
		n = -1
	}
	h.number(n)
	return !isAbsent
}

// addTexts adds a list of texts. Nil differs from an empty list.
func addTexts[T ~string](h *listHash, list []T) {
	if h.length(len(list), list == nil) {
		for _, text := range list {
			h.text(string(text))
		}
	}
}

// addText adds an optional text.
func addText[T ~string](h *listHash, value *T) {
	if h.length(0, value == nil) {
		h.text(string(*value))
	}
}

func (h *listHash) amount(value *Decimal) {
	if h.length(0, value == nil) {
		h.text(value.String())
	}
}

// hashClientList returns the hash of a list of clients. The search is folded.
func hashClientList(order ClientOrder, f *ClientFilter, search string) uint64 {
	h := newListHash("clients")
	h.text(string(order.Field))
	h.text(string(order.Direction))
	h.text(search)
	addTexts(&h, f.Status)
	addTexts(&h, f.InvoiceStatus)
	for _, ids := range [...][]int{f.ZoneID, f.PlanID, f.RouterID, f.TechnicianID} {
		h.numbers(ids)
	}
	for _, text := range [...]*string{f.Document, f.City, f.Locality} {
		addText(&h, text)
	}
	h.amount(f.BalanceAtLeast)
	h.amount(f.BalanceAtMost)
	for _, day := range [...]*Date{f.CutOffFrom, f.CutOffTo, f.InstalledFrom, f.InstalledTo} {
		addText(&h, day)
	}
	return uint64(h)
}

// hashTicketList returns the hash of a list of tickets.
func hashTicketList(f *TicketFilter) uint64 {
	h := newListHash("tickets")
	addTexts(&h, f.Status)
	addTexts(&h, f.Priority)
	h.numbers(f.ZoneID)
	h.numbers(f.ServiceID)
	addText(&h, f.CreatedFrom)
	addText(&h, f.CreatedTo)
	return uint64(h)
}
