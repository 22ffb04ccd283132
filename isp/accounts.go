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

// Account is what a client owes now. It is immutable.
type Account struct {
	// Owed is never absent. It is negative for a credit.
	Owed       Decimal
	PaymentURL Text
	// OpenInvoices is never nil.
	OpenInvoices []*OpenInvoice
	// GeneralFailure describes a declared failure of the client's router or sector, in Spanish; ""
	// when there is none.
	GeneralFailure Text
}

// OpenInvoice is an unpaid invoice.
type OpenInvoice struct {
	InvoiceID int
	Total     Decimal
	IssuedOn  Date
	DueOn     Date
}

// accountTTL is short because subscribers look again right after paying.
const accountTTL = time.Minute

// maxParallelAccounts limits the concurrent loads of one [Accounts.GetMany].
const maxParallelAccounts = 4

// Accounts reads accounts. No list has them: each account that is not in memory costs one upstream
// call, which all its callers share. If it cannot go in time, they are told at once.
type Accounts struct {
	api   *wisphub.API
	zone  *time.Location
	cache *cache.Cache[int, *Account]
}

func newAccounts(api *wisphub.API, cfg Config) *Accounts {
	a := &Accounts{api: api, zone: cfg.TimeZone}
	options := cfg.cacheOptions("accounts", accountTTL)
	options.NotFound, options.NotFoundTTL = isNotFound, notFoundTTL
	a.cache = newLookupCache(options, a.load)
	return a
}

// Get returns the account of a service, or nil when WispHub does not know the service.
func (a *Accounts) Get(ctx context.Context, serviceID int) (*Account, error) {
	entry, err := a.cache.Get(ctx, serviceID)
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	return entry.Value, fetchError("account", err)
}

// GetMany returns the account and the error of each service, in the order of the ids.
func (a *Accounts) GetMany(ctx context.Context, serviceIDs []int) ([]*Account, []error) {
	accounts, errs := make([]*Account, len(serviceIDs)), make([]error, len(serviceIDs))
	inParallel(maxParallelAccounts, len(serviceIDs), func(i int) {
		accounts[i], errs[i] = a.Get(ctx, serviceIDs[i])
	})
	return accounts, errs
}

// Known reports whether [Accounts.Get] would cost no upstream call.
func (a *Accounts) Known(serviceID int) bool {
	_, known := a.cache.Peek(serviceID)
	return known
}

// invalidate drops the accounts of services that a write may have changed.
func (a *Accounts) invalidate(serviceIDs []int) {
	for _, id := range serviceIDs {
		a.cache.Invalidate(id)
	}
}

func (a *Accounts) load(ctx context.Context, serviceID int) (*Account, error) {
	row, err := a.api.Clients.Account(ctx, serviceID)
	if errors.Is(err, wisphub.ErrNotFound) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, err
	}
	return newAccount(row, a.zone), nil
}

// newAccount converts an account, whose days are those in zone. If WispHub does not say what is
// owed, it is the sum of the open invoices.
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
	account.GeneralFailure = cmp.Or(failureText(row.Router.Value), failureText(row.Sector.Value))
	return account
}

// failureText describes the declared failure of a router or sector, "" when there is none.
func failureText(device *wisphub.Router) Text {
	if device == nil || !bool(device.GeneralFailure) {
		return ""
	}
	return cmp.Or(Text(device.GeneralFailureDescription), "Falla general en "+Text(device.Name))
}
