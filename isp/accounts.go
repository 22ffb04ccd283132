package isp

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/shopspring/decimal"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub"
)

// Account is what a client owes now. It is immutable and shared.
type Account struct {
	Owed         Decimal
	PaymentURL   Text
	OpenInvoices []*OpenInvoice
	// GeneralFailure is what the provider says of a declared failure of the client's router or sector; "" for none.
	GeneralFailure Text
}

// OpenInvoice is an invoice that is not paid.
type OpenInvoice struct {
	InvoiceID int
	Total     Decimal
	IssuedOn  Date
	DueOn     Date
}

// accountTTL is short: a person who has just paid looks again.
const accountTTL = time.Minute

// accountsParallel bounds how many accounts are asked for at the same time.
const accountsParallel = 4

// Accounts reads accounts, one call each when not in memory.
type Accounts struct {
	api   *wisphub.API
	zone  *time.Location
	cache *cache.Cache[int, *Account]
}

func newAccounts(api *wisphub.API, cfg Config) *Accounts {
	a := &Accounts{api: api, zone: cfg.TimeZone}
	options := cfg.catalogue("accounts", accountTTL)
	options.NotFound, options.NotFoundTTL = isNotFound, notFoundTTL
	a.cache = newCache(options, a.read)
	return a
}

// Get returns the account of a service, nil when WispHub does not know the service.
func (a *Accounts) Get(ctx context.Context, serviceID int) (*Account, error) {
	entry, err := a.cache.Get(ctx, serviceID)
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	return entry.Value, fetchError("account", err)
}

// GetMany returns the accounts of several services, and the error of each that failed, in the order of the ids.
func (a *Accounts) GetMany(ctx context.Context, serviceIDs []int) ([]*Account, []error) {
	accounts, errs := make([]*Account, len(serviceIDs)), make([]error, len(serviceIDs))
	inParallel(accountsParallel, len(serviceIDs), func(i int) {
		accounts[i], errs[i] = a.Get(ctx, serviceIDs[i])
	})
	return accounts, errs
}

// Known reports whether Get would cost no call.
func (a *Accounts) Known(serviceID int) bool {
	_, known := a.cache.Peek(serviceID)
	return known
}

// forget is for accounts that a write may have changed.
func (a *Accounts) forget(serviceIDs []int) {
	for _, id := range serviceIDs {
		a.cache.Invalidate(id)
	}
}

func (a *Accounts) read(ctx context.Context, serviceID int) (*Account, error) {
	row, err := a.api.Clients.Account(ctx, serviceID)
	if errors.Is(err, wisphub.ErrNotFound) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, err
	}
	return newAccount(row, a.zone), nil
}

// newAccount converts an account, whose days are those in zone. Where WispHub does not say what is owed, it is the sum of the open invoices.
func newAccount(row *wisphub.Account, zone *time.Location) *Account {
	account := &Account{PaymentURL: Text(row.PaymentURL), OpenInvoices: []*OpenInvoice{}}
	owed := decimal.Zero
	for _, invoice := range row.Invoices {
		owed = owed.Add(invoice.Total.Amount)
		account.OpenInvoices = append(account.OpenInvoices, &OpenInvoice{
			InvoiceID: int(invoice.ID),
			Total:     NewDecimal(invoice.Total.Amount),
			IssuedOn:  DateOf(invoice.Issued.Day(zone)),
			DueOn:     DateOf(invoice.Due.Day(zone)),
		})
	}
	if row.Owed.Valid {
		owed = row.Owed.Amount
	}
	account.Owed = NewDecimal(owed)
	for _, part := range []*wisphub.Router{row.Router.Value, row.Sector.Value} {
		if part != nil && bool(part.GeneralFailure) && account.GeneralFailure == "" {
			account.GeneralFailure = cmp.Or(Text(part.GeneralFailureDescription), "Falla general en "+Text(part.Name))
		}
	}
	return account
}
