package isp

import (
	"cmp"
	"context"
	"errors"
	"net/url"
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

// Accounts reads accounts. Each account that is not in memory costs one upstream call.
type Accounts struct {
	api   *wisphub.API
	cache *cache.Cache[int, *Account]
}

func newAccounts(api *wisphub.API, cfg Config) *Accounts {
	a := &Accounts{api: api}
	options := cfg.cacheOptions("accounts", accountTTL)
	options.NotFound, options.NotFoundTTL = isNotFound, notFoundTTL
	a.cache = newCache(options, a.load)
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
	return newAccount(row)
}

// newAccount converts an account. When WispHub does not say what is owed, the sum of the open
// invoices is. An account that says neither is an error.
func newAccount(row *wisphub.Account) (*Account, error) {
	account := &Account{PaymentURL: webURL(string(row.PaymentURL)), OpenInvoices: []*OpenInvoice{}}
	owed := decimal.Zero
	for _, invoice := range row.Invoices {
		if invoice == (wisphub.OpenInvoice{}) {
			continue // a null in the list
		}
		if invoice.ID <= 0 || !invoice.Total.Valid {
			return nil, incomplete("an open invoice lacks its id or total")
		}
		owed = owed.Add(invoice.Total.Amount)
		account.OpenInvoices = append(account.OpenInvoices, &OpenInvoice{
			InvoiceID: int(invoice.ID),
			Total:     NewDecimal(invoice.Total.Amount),
			IssuedOn:  DateOf(invoice.Issued.In(time.UTC)),
			DueOn:     DateOf(invoice.Due.In(time.UTC)),
		})
	}
	switch {
	case row.Owed.Valid:
		owed = row.Owed.Amount
	case row.Owed.Malformed || len(account.OpenInvoices) == 0:
		return nil, incomplete("the account lacks its balance")
	}
	account.Owed = NewDecimal(owed)
	account.GeneralFailure = cmp.Or(failureText(row.Router.Value), failureText(row.Sector.Value))
	return account, nil
}

// webURL returns an absolute http or https address, and "" for any other text: an address with
// another scheme could run a script in the page that shows it.
func webURL(text string) Text {
	address, err := url.Parse(text)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Hostname() == "" {
		return ""
	}
	return Text(text)
}

// failureText describes the declared failure of a router or sector, "" when there is none.
func failureText(device *wisphub.Router) Text {
	if device == nil || !bool(device.GeneralFailure) {
		return ""
	}
	return cmp.Or(Text(device.GeneralFailureDescription), "Falla general en "+Text(device.Name))
}
