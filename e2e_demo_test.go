package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/shopspring/decimal"
)

const demoSecret = "a-signing-key-for-the-tests-of-the-demo"

func TestDemo_Dashboard(t *testing.T) {
	t.Parallel()
	s, log := startDemo(t, nil)
	s.login("demo", "demo")
	var data struct {
		Clients struct {
			TotalCount int
			Nodes      []struct {
				Name string
				Plan *struct{ Name, Price *string }
				Zone *struct{ Name string }
			}
			Stats struct {
				ByStatus, ByInvoiceStatus, ByPlan []struct{ Count int }
				ByZone                            []struct {
					Count int
					Debt  decimal.Decimal
				}
				TotalDebt decimal.Decimal
			}
		}
	}
	s.query(`{ clients(first: 100) { totalCount nodes { name plan { name price } zone { name } }
		stats { byStatus { count } byInvoiceStatus { count } byPlan { count } byZone { count debt } totalDebt } } }`, &data)
	if data.Clients.TotalCount != 2000 || len(data.Clients.Nodes) != 100 {
		t.Errorf("clients = %d of %d, want 100 of 2000", len(data.Clients.Nodes), data.Clients.TotalCount)
	}
	stats, zones, debt := data.Clients.Stats, 0, decimal.Zero
	for _, zone := range stats.ByZone {
		zones, debt = zones+zone.Count, debt.Add(zone.Debt)
	}
	for name, groups := range map[string][]struct{ Count int }{
		"byStatus": stats.ByStatus, "byInvoiceStatus": stats.ByInvoiceStatus, "byPlan": stats.ByPlan, "byZone": {{zones}},
	} {
		sum := 0
		for _, group := range groups {
			sum += group.Count
		}
		if sum != 2000 {
			t.Errorf("sum of %s = %d, want 2000", name, sum)
		}
	}
	if !debt.Equal(stats.TotalDebt) || debt.IsZero() {
		t.Errorf("sum of zone debts = %s, want totalDebt %s, not zero", debt, stats.TotalDebt)
	}
	if lines := auditLines(log); len(lines) != 1 {
		t.Errorf("audit lines = %q, want only the login", lines)
	}
	for _, secret := range []string{s.token, "password", "Api-Key"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log contains %q", secret)
		}
	}
}

func TestDemo_InvalidTokens(t *testing.T) {
	t.Parallel()
	s, _ := startDemo(t, map[string]string{"JWT_SECRET_KEY": demoSecret}, "-clients", "5")
	now := time.Now()
	claims := func(expires time.Time) jwt.MapClaims {
		return jwt.MapClaims{
			"sub": "demo", "iat": now.Add(-time.Hour).Unix(), "nbf": now.Add(-time.Hour).Unix(), "exp": expires.Unix(),
			"iss": "wisphub-graphql", "aud": "wisphub-graphql", "jti": "1", "scopes": []string{"READ"},
		}
	}
	sign := func(method jwt.SigningMethod, key any, c jwt.MapClaims) string {
		token, err := jwt.NewWithClaims(method, c).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	for name, c := range map[string]struct {
		token string
		want  int
	}{
		"good":     {sign(jwt.SigningMethodHS256, []byte(demoSecret), claims(now.Add(time.Hour))), http.StatusOK},
		"missing":  {"", http.StatusUnauthorized},
		"expired":  {sign(jwt.SigningMethodHS256, []byte(demoSecret), claims(now.Add(-time.Minute))), http.StatusUnauthorized},
		"forged":   {sign(jwt.SigningMethodHS256, []byte(strings.ToUpper(demoSecret)), claims(now.Add(time.Hour))), http.StatusUnauthorized},
		"alg none": {sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims(now.Add(time.Hour))), http.StatusUnauthorized},
		"HS512":    {sign(jwt.SigningMethodHS512, []byte(demoSecret), claims(now.Add(time.Hour))), http.StatusUnauthorized},
	} {
		caller := &site{t: t, url: s.url, token: c.token}
		status, header, body := caller.do(http.MethodPost, "/graphql", `{"query":"{ clients { totalCount } }"}`,
			http.Header{"Content-Type": {"application/json"}})
		if status != c.want {
			t.Errorf("%s token: status %d, want %d", name, status, c.want)
		}
		if c.want != http.StatusUnauthorized {
			continue
		}
		challenge := `Bearer error="invalid_token"`
		if c.token == "" {
			challenge = "Bearer"
		}
		if header.Get("WWW-Authenticate") != challenge || !strings.Contains(body, `"Could not validate credentials."`) ||
			!strings.Contains(body, `"code":"UNAUTHENTICATED"`) || strings.Contains(body, `"data"`) {
			t.Errorf("%s token: headers %v, body %s, want an answer without data", name, header, body)
		}
	}
}

func TestDemo_Faults(t *testing.T) {
	t.Parallel()
	s, _ := startDemo(t, nil, "-clients", "250", "-faults")
	status, _, _ := s.do(http.MethodGet, "/health", "", nil)
	if status != http.StatusOK {
		t.Errorf("GET /health = %d, want 200", status)
	}
}

func TestDemo_Tickets(t *testing.T) {
	t.Parallel()
	s, _ := startDemo(t, nil)
	s.login("demo", "demo")
	var data struct {
		Tickets struct {
			TotalCount int
			Since      string
			Nodes      []struct {
				Subject         string
				DescriptionText *string
				Client          *struct {
					Name string
					Plan *struct{ Name string }
				}
			}
		}
		Zones []struct{ TicketQuota struct{ Maximum int } }
	}
	s.query(`{ tickets(first: 100) { totalCount since nodes { subject descriptionText client { name plan { name } } } }
		zones { ticketQuota { maximum } } ticketSubjects { name } }`, &data)
	if len(data.Tickets.Nodes) != 100 || data.Tickets.TotalCount < 100 || data.Tickets.Since == "" {
		t.Errorf("tickets = %d of %d since %s, want 100 of more", len(data.Tickets.Nodes), data.Tickets.TotalCount, data.Tickets.Since)
	}
	for _, ticket := range data.Tickets.Nodes {
		if ticket.DescriptionText != nil && strings.Contains(*ticket.DescriptionText, "<p>") {
			t.Errorf("descriptionText contains markup: %s", *ticket.DescriptionText)
		}
	}
	var before, after struct {
		Facade struct{ RequestsLastHour int }
	}
	s.query(`{ facade { requestsLastHour } }`, &before)
	if _, body := s.query(`{ clients(first: 500) { nodes { account { owed } } } }`, nil); !strings.Contains(body, "QUERY_TOO_COMPLEX") ||
		!strings.Contains(body, "500 upstream calls") {
		t.Errorf("500 accounts = %s, want QUERY_TOO_COMPLEX with the number of calls", body)
	}
	s.query(`{ tickets(first: 100) { nodes { subject client { name plan { name } zone { name } } } } facade { requestsLastHour } }`, &after)
	if before != after {
		t.Errorf("a refused query and a cached page of tickets cost %d calls, want none",
			after.Facade.RequestsLastHour-before.Facade.RequestsLastHour)
	}
}
