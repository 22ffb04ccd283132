package wisphub

import (
	"cmp"
	"context"
	"errors"
	"strings"
)

// companyRows is how many clients are read when only their company is needed.
const companyRows = 50

// CompanyOf returns the company that usernames end in: demo-isp of 0026_client@demo-isp
// (wisphub-net-api §4.2). It returns "" unless four in five of the usernames agree. A mail domain is
// no company: clients of many providers may share one.
func CompanyOf(usernames []string) string {
	counts, best, known := map[string]int{}, "", 0
	for _, username := range usernames {
		if username == "" {
			continue
		}
		known++
		_, company, _ := strings.Cut(username, "@")
		company = strings.ToLower(strings.TrimSpace(company))
		if counts[company]++; counts[company] > counts[best] {
			best = company
		}
	}
	if best == "" || strings.ContainsAny(best, ".@") || counts[best]*5 < known*4 {
		return ""
	}
	return best
}

// ReadCompany returns the company of the key, "" if no username shows it. It costs one call, and a
// second one if the clients show none.
func (a *API) ReadCompany(ctx context.Context) (string, error) {
	clients, err := a.Clients.List(ctx, ClientListOptions{ListOptions: ListOptions{Limit: companyRows}})
	if err != nil {
		return "", err
	}
	if company := companyOfClients(clients.Rows); company != "" {
		return company, nil
	}
	staff, err := getPage[Staff](ctx, a, ListOptions{Limit: companyRows}.values(), staffPath)
	if errors.Is(err, ErrForbidden) && !errors.Is(err, ErrOtherProvider) {
		return "", nil // the key may read clients, but no staff
	}
	if err != nil {
		return "", err
	}
	usernames := make([]string, len(staff.Rows))
	for i := range staff.Rows {
		usernames[i] = string(staff.Rows[i].Username)
	}
	return CompanyOf(usernames), nil
}

func companyOfClients(rows []Client) string {
	usernames := make([]string, len(rows))
	for i := range rows {
		usernames[i] = string(rows[i].Username)
	}
	return CompanyOf(usernames)
}

// observe reports the company that the first page of all clients shows. It looks at the same clients
// as [API.ReadCompany]: those of a provider that has taken over another one end in two companies.
func (a *API) observe(ctx context.Context, key string, rows []Client) {
	if a.onCompany == nil {
		return
	}
	company := cmp.Or(companyOfClients(rows[:min(companyRows, len(rows))]), companyOfClients(rows))
	if company == "" || isChecking(ctx) || a.keyRing.current() != key {
		return
	}
	seen := key + "\x00" + company
	if last := a.observed.Load(); last != nil && *last == seen {
		return
	}
	a.observed.Store(&seen)
	_ = a.onCompany(key, company) // an error is possible for a new key only, which is checked before
}
