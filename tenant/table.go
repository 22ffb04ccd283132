package tenant

import (
	"encoding/json"
	"errors"
	"slices"
)

const (
	// maxKeys is how many keys of a provider the table remembers: the last ones.
	maxKeys = 8
	// maxProviders is how many providers the table remembers: the last ones.
	maxProviders = 1000
)

// ErrUnknown says that it is not known yet which provider a key belongs to.
var ErrUnknown = errors.New("tenant: it is not known yet which provider WISPHUB_NET_KEY belongs to")

// table lists the providers whose data is kept in one folder or store.
type table []provider

// provider is what is known of a provider. Keys and companies are hashes.
type provider struct {
	Name    string   `json:"name"`
	Company string   `json:"company,omitempty"`
	Keys    []string `json:"keys,omitempty"` // the newest last
}

// facts are what a process knows when it asks for its name.
type facts struct {
	key     string // the hash of the key, which is also the name of a new provider
	company string // a hash; "" if not known
	// own is the name that the process got before, "" for none. It is proven if the key is known to
	// be of that provider.
	own    string
	proven bool
	// unknowable says that WispHub has answered and shown no company.
	unknowable bool
}

// decodeTable returns an empty table for data of another version. The names of new providers depend
// on their keys only, so that no data is ever found under a name that is not its own.
func decodeTable(data []byte) table {
	var t table
	if json.Unmarshal(data, &t) != nil {
		return nil
	}
	return t
}

func (t table) encode() []byte {
	data, err := json.Marshal(t)
	if err != nil {
		panic(err) // impossible: strings
	}
	return data
}

// resolve returns the provider that the facts are about, and the table with what they add.
// The company decides, then the key. A process that knows more than the table, because the table
// was flushed, adds it.
func (t table) resolve(f facts) (provider, table, error) {
	if i := t.index(func(p provider) bool { return f.company != "" && p.Company == f.company }); i >= 0 {
		return t.add(t[i].Name, f)
	}
	if i := t.index(func(p provider) bool { return slices.Contains(p.Keys, f.key) }); i >= 0 {
		return t.add(t[i].Name, f) // a company that differs has been renamed: a key never moves
	}
	switch {
	case f.own != "" && f.proven:
		return t.add(f.own, f)
	case f.own != "" && f.company == "":
		return provider{Name: f.own}, t, nil
	case len(t) == 0 || f.company != "" || f.unknowable:
		return t.add(f.key, f) // if the company turns out to have another name, that one wins
	}
	return provider{}, t, ErrUnknown
}

func (t table) index(match func(provider) bool) int { return slices.IndexFunc(t, match) }

// add records the key and the company of the facts for a name, and nowhere else.
func (t table) add(name string, f facts) (provider, table, error) {
	next := make(table, 0, len(t)+1)
	found := provider{Name: name}
	for _, p := range t {
		p.Keys = slices.DeleteFunc(slices.Clone(p.Keys), func(key string) bool { return key == f.key && p.Name != name })
		if p.Name == name {
			found = p
		}
		if len(p.Keys) > 0 || p.Name == name {
			next = append(next, p)
		}
	}
	if f.company != "" {
		found.Company = f.company
	}
	if !slices.Contains(found.Keys, f.key) {
		found.Keys = append(found.Keys, f.key)
		found.Keys = found.Keys[max(0, len(found.Keys)-maxKeys):]
	}
	if i := next.index(func(p provider) bool { return p.Name == name }); i >= 0 {
		next[i] = found
	} else {
		next = append(next, found)
	}
	return found, next[max(0, len(next)-maxProviders):], nil
}
