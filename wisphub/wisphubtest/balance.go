package wisphubtest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const (
	invoicesPaid    = "Pagadas"
	invoicesPending = "Pendiente de Pago"
	invoicesOverdue = "Vencidas"
)

// balance is the body of /saldo/: what a client owes and where to pay it.
type balance struct {
	Name     any           `json:"nombre"`
	Username any           `json:"username"`
	State    any           `json:"estado"`
	Balance  any           `json:"saldo"`
	Invoices []openInvoice `json:"facturas"`
	Router   any           `json:"router"`
	Sector   any           `json:"sectorial"`
	PayURL   string        `json:"url_pago"`
}

type openInvoice struct {
	ID      int    `json:"id"`
	Total   any    `json:"total"`
	Issued  string `json:"fecha_emision"`
	DueDate string `json:"fecha_vencimiento"`
}

// getBalance serves /saldo/. Its saldo is the sum of the open invoices, not the saldo of the
// client's row.
func (s *Server) getBalance(c *call) *response {
	id := c.idNumber()
	row := s.Row(id)
	if row == nil {
		return notFound()
	}
	price := parseAmount(row["precio_plan"])
	dates := s.openInvoiceDates(row)
	owed := price * float64(len(dates))
	if !c.quirks.BalanceOfInvoices {
		owed += parseAmount(row["saldo"])
	}
	invoices := make([]openInvoice, 0, len(dates))
	for i, due := range dates {
		invoices = append(invoices, openInvoice{
			ID: id*10 + i, Total: c.invoiceMoney(price),
			Issued: due.AddDate(0, 0, -10).Format(time.DateOnly), DueDate: due.Format(time.DateOnly),
		})
	}
	return jsonResponse(http.StatusOK, balance{
		Name: row["nombre"], Username: row["usuario"], State: row["estado"],
		Balance: c.invoiceMoney(owed), Invoices: invoices,
		Router: s.routerWithAddress(row["router"]), Sector: row["sectorial"],
		PayURL: fmt.Sprintf("http://clientes.portalinternet.net/saldo/%s/invented.%d.token/", s.company, id),
	})
}

// openInvoiceDates returns the due dates of the open invoices: one if the row has an invoice to
// pay, two if it is overdue.
func (s *Server) openInvoiceDates(row map[string]any) []time.Time {
	text, _ := row["fecha_corte"].(string)
	due, err := time.Parse(cutOffLayout, text)
	if err != nil {
		due = s.now
	}
	switch row["estado_facturas"] {
	case invoicesPending:
		return []time.Time{due}
	case invoicesOverdue:
		return []time.Time{due.AddDate(0, -1, 0), due}
	}
	return nil
}

// routerWithAddress adds the router's address, which only /saldo/ and the list of routers show.
func (s *Server) routerWithAddress(value any) any {
	row, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	for _, router := range s.catalogues.routers {
		if router.ID == idIn(row) {
			return router
		}
	}
	return row
}

// parseAmount reads money sent as a number or as text. It returns 0 for anything else.
func parseAmount(value any) float64 {
	switch v := value.(type) {
	case float64:
		return v
	case string:
		n, _ := strconv.ParseFloat(v, 64) // text that is no number counts as 0
		return n
	}
	return 0
}

func (c *call) invoiceMoney(amount float64) any {
	if c.quirks.NumbersInBalance {
		return amount
	}
	return strconv.FormatFloat(amount, 'f', 2, 64)
}
