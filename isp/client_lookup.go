package isp

import (
	"context"
	"errors"
	"slices"
	"time"

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
	var keys []lookup
	var errs []error
	add := func(key lookup, err error) { keys, errs = append(keys, key), append(errs, err) }
	if k.ServiceID != nil {
		add(serviceIDLookup(*k.ServiceID))
	}
	if k.Document != nil {
		add(documentLookup(*k.Document))
	}
	if k.Phone != nil {
		number, err := loc.phoneQuery(*k.Phone)
		add(lookup{field: byPhone, normalized: number, typed: number}, err)
	}
	if k.Username != nil {
		username, err := cleanKey(text.Visible(*k.Username), "username")
		add(lookup{field: byUsername, normalized: text.Fold(username), typed: username}, err)
	}
	if len(keys) != 1 {
		return lookup{}, invalid("must have exactly one key: serviceId, document, phone or username", "by")
	}
	return keys[0], errs[0]
}

func serviceIDLookup(id int) (lookup, error) {
	if id < 1 {
		return lookup{}, invalid("must be 1 or more", "by", "serviceId")
	}
	return lookup{field: byServiceID, id: id}, nil
}

func documentLookup(document string) (lookup, error) {
	document, err := cleanKey(text.Visible(document), "document")
	if err == nil && documentKey(document) == "" {
		err = invalid("must hold a letter or digit", "by", "document")
	}
	return lookup{field: byDocument, normalized: documentKey(document), typed: document}, err
}

// exactUpstream reports whether WispHub compares this key as the directory does. If so, its
// "none" is final.
func (k lookup) exactUpstream() bool { return k.field == byServiceID }

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

// fetchMatching fetches the clients that match the key, with one call. The error is errNotFound
// if there are none.
func (c *Clients) fetchMatching(ctx context.Context, key lookup) ([]*Client, error) {
	began := time.Now()
	page, err := c.api.Clients.List(ctx, key.options())
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(page.Rows, func(row wisphub.Client) bool { return row.ID <= 0 })
	found := newDirectory(rows, c.locale, began, 0).find(key)
	switch {
	case len(found) < len(rows) && len(page.Rows) == wisphub.MaxLimit, len(found) == 0 && key.exactUpstream() && len(rows) > 0:
		return nil, errFilterIgnored
	case len(found) == 0:
		return nil, errNotFound
	}
	return found, nil
}
