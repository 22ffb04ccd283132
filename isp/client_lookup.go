package isp

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// lookup is a [ClientKey] that can be a map key, normalized like the directory's indexes.
type lookup struct {
	field      lookupField
	id         int    // byServiceID
	normalized string // the others, as the indexes have them
	typed      string // the others, as WispHub compares them
}

type lookupField int

const (
	byServiceID lookupField = iota
	byDocument
	byPhone
	byUsername
)

// errFilterIgnored means that WispHub answered with other clients. It ignores filters that it
// does not know, and returns the whole list.
var errFilterIgnored = errors.New("WispHub ignored the filter of the client list")

// lookup validates the key. GraphQL enforces @oneOf for literals only, so it counts the fields
// here.
func (k ClientKey) lookup(loc locale) (lookup, error) {
	keys := 0
	for _, isGiven := range [...]bool{k.ServiceID != nil, k.Document != nil, k.Phone != nil, k.Username != nil} {
		if isGiven {
			keys++
		}
	}
	switch {
	case keys != 1:
		return lookup{}, invalid("must have exactly one key: serviceId, document, phone or username", "by")
	case k.ServiceID != nil:
		return serviceIDLookup(*k.ServiceID)
	case k.Document != nil:
		return documentLookup(*k.Document)
	case k.Phone != nil:
		number, err := loc.phoneQuery(*k.Phone)
		return lookup{field: byPhone, normalized: number, typed: number}, err
	}
	username, err := cleanKey(text.Visible(*k.Username), "username")
	return lookup{field: byUsername, normalized: text.Fold(username), typed: username}, err
}

func serviceIDLookup(id int) (lookup, error) {
	if id < 1 {
		return lookup{}, invalid("must be 1 or more", "by", "serviceId")
	}
	return lookup{field: byServiceID, id: id}, nil
}

func documentLookup(document string) (lookup, error) {
	document, err := cleanKey(text.Visible(document), "document")
	key := documentKey(document)
	if err == nil && key == "" {
		err = invalid("must hold a letter or digit", "by", "document")
	}
	return lookup{field: byDocument, normalized: key, typed: document}, err
}

// exactUpstream reports whether WispHub compares this key as the directory does. If so, its
// "none" is final.
func (k lookup) exactUpstream() bool { return k.field == byServiceID }

// canExist reports whether any client can match the key.
func (k lookup) canExist() bool { return k.field != byServiceID || isID(k.id) }

func (k lookup) options() wisphub.ClientListOptions {
	options := wisphub.ClientListOptions{ListOptions: wisphub.ListOptions{Limit: wisphub.MaxLimit}}
	switch k.field {
	case byServiceID:
		options.ServiceID = k.id
	case byDocument:
		options.Document = k.typed
	case byPhone:
		options.PhoneContains = k.typed
	case byUsername:
		options.Username = k.typed
	}
	return options
}

// Listed returns the client with the service id from memory, or nil. Unlike [Clients.Get] it costs no
// call, unless there is no directory yet: the rows of a list must not cost a call each.
func (c *Clients) Listed(ctx context.Context, serviceID int) (*Client, error) {
	if _, warm := c.directory.Peek(struct{}{}); !warm {
		return c.Get(ctx, serviceID)
	}
	directory, err := c.currentDirectory(ctx)
	if err != nil {
		return nil, err
	}
	return c.listedIn(directory, serviceID), nil
}

// listedIn returns the client from the directory, or from an earlier look-up, or nil.
func (c *Clients) listedIn(directory *directory, serviceID int) *Client {
	if client := directory.byID(serviceID); client != nil {
		return client
	}
	if entry, known := c.lookups.Peek(lookup{field: byServiceID, id: serviceID}); known {
		return entry.Value[0]
	}
	return nil
}

// mayLack reports whether WispHub may have a client that matches the key, although the directory has
// found none.
func (d *directory) mayLack(key lookup, found []*Client) bool {
	return len(found) == 0 && key.exactUpstream()
}

// find answers from the directory, or as findCold does while there is none. A service id that the
// directory lacks is fetched: the service may be newer than the crawl.
func (c *Clients) find(ctx context.Context, key lookup) ([]*Client, error) {
	if !key.canExist() {
		return nil, nil
	}
	_, warm := c.directory.Peek(struct{}{})
	if !warm {
		found, answered, err := c.findCold(ctx, key)
		if answered || err != nil {
			return found, err
		}
	}
	directory, err := c.currentDirectory(ctx)
	if err != nil {
		return nil, err
	}
	found := directory.find(key)
	if warm && directory.mayLack(key, found) {
		found, _, err = c.lookUp(ctx, key)
	}
	return found, err
}

// findCold answers while there is no directory: from the pages of the first crawl that have come, or
// with a call, if the gate admits one. Else it waits for the crawl, which it starts. The directory
// has the answer if answered is false.
func (c *Clients) findCold(ctx context.Context, key lookup) (found []*Client, answered bool, err error) {
	onPages := func() ([]*Client, bool) {
		found := c.onPages(key)
		return found, len(found) > 0
	}
	return lookUpBeside(ctx, c.gate, onPages, func(ctx context.Context) ([]*Client, bool, error) {
		// WispHub compares documents and usernames as the office typed them (1.000.001, Ana@isp). The
		// directory compares normalized text, so it decides. Phones skip the call: WispHub would miss
		// "300 000 0001", and one of two customers would look like the only one.
		if key.field == byPhone {
			return nil, false, nil
		}
		return c.lookUp(ctx, key)
	})
}

// onPages returns the client with a service id from the pages of the first crawl that have come. No
// other key is answered from them: a later page may hold another client that matches.
func (c *Clients) onPages(key lookup) []*Client {
	if key.field != byServiceID {
		return nil
	}
	found := c.progress.find(key)
	if len(found) == 0 {
		return nil
	}
	return c.overrides.matching(found, key)
}

// lookUp fetches the clients that match the key, unless memory has them from an earlier look-up.
// Final is false if only the directory can tell.
func (c *Clients) lookUp(ctx context.Context, key lookup) (found []*Client, final bool, err error) {
	entry, err := c.lookups.Get(ctx, key)
	switch {
	case errors.Is(err, errNotFound):
		return nil, key.exactUpstream(), nil
	case errors.Is(err, errFilterIgnored):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	found = c.overrides.matching(entry.Value, key)
	return found, len(found) > 0, nil
}

// lookUpAdmitted is fetchMatching for callers' look-ups, which the gate rations.
func (c *Clients) lookUpAdmitted(ctx context.Context, key lookup) ([]*Client, error) {
	if err := c.gate.admit(ctx); err != nil {
		return nil, err
	}
	return c.fetchMatching(ctx, key)
}

// fetchMatching fetches the clients that match the key, with one call. The error is errNotFound
// if there are none.
func (c *Clients) fetchMatching(ctx context.Context, key lookup) ([]*Client, error) {
	began := c.overrides.readTime()
	page, err := c.api.Clients.List(ctx, key.options())
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(page.Rows, func(row wisphub.Client) bool { return row.ID <= 0 })
	found := newDirectory(rows, c.locale, began, 0).find(key)
	switch {
	case len(found) < len(rows) && len(page.Rows) == wisphub.MaxLimit, len(found) == 0 && key.exactUpstream() && len(rows) > 0:
		return nil, errFilterIgnored
	case len(rows) == 0 && (page.Count != 0 || len(page.Rows) > 0): // unknown is not "not found"
		return nil, fmt.Errorf("%w: a look-up with count %d and no usable row", wisphub.ErrInvalidResponse, page.Count)
	case len(found) == 0:
		return nil, errNotFound
	}
	return found, nil
}

// Await returns when the directory is in memory. It returns an error at once if that will not be before
// the caller's deadline.
func (c *Clients) Await(ctx context.Context) error {
	_, err := c.currentDirectory(ctx)
	return err
}
