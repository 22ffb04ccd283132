package isp

import (
	"context"
	"errors"
	"slices"
	"time"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// lookup is a [ClientKey] made comparable, in the form that the directory's indexes have.
type lookup struct {
	field      lookupField
	id         int    // byServiceID
	normalized string // the others, as compared
	typed      string // as WispHub compares it
}

type lookupField int

const (
	byServiceID lookupField = iota
	byDocument
	byPhone
	byUsername
)

// errFilterIgnored: WispHub ignores filters that it does not know and answers with the whole list.
var errFilterIgnored = errors.New("the upstream ignored the filter")

// lookup checks the key. GraphQL enforces @whereIn for literals only, so it is counted here for all.
func (k ClientKey) lookup(where locale) (lookup, error) {
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
		number, err := where.phoneQuery(*k.Phone)
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

// exactUpstream: WispHub compares this key as we do, so that its "none" is ours.
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

// fetchMatching asks upstream for the clients that the key fits, at one call; errNotFound when there are none.
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
