package wisphub

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
)

// Account is what a client owes now.
type Account struct {
	Name     Text `json:"nombre"`
	Username Text `json:"username"`
	State    Text `json:"estado"`
	// Owed may be absent if there are open invoices.
	Owed     Money          `json:"saldo"`
	Invoices OpenInvoices   `json:"facturas"`
	Router   Object[Router] `json:"router"`
	Sector   Object[Router] `json:"sectorial"`
	// PaymentURL opens the payment page without a login.
	PaymentURL WebURL `json:"url_pago" max:"2000"`
}

// OpenInvoice is an unpaid invoice of an [Account].
type OpenInvoice struct {
	ID     Int   `json:"id"`
	Total  Money `json:"total"`
	Issued Time  `json:"fecha_emision"`
	Due    Time  `json:"fecha_vencimiento"`
}

// OpenInvoices are the unpaid invoices of an [Account]. WispHub sends a list. One object counts as
// a list of one; null and "" are none. Elements that are no objects are dropped. Nil means that
// WispHub did not say.
type OpenInvoices []OpenInvoice

// UnmarshalJSON implements [json.Unmarshaler].
func (o *OpenInvoices) UnmarshalJSON(data []byte) error {
	*o = nil
	switch {
	case bytes.HasPrefix(data, []byte("{")):
		data = bytes.Join([][]byte{{'['}, data, {']'}}, nil)
	case !isContainer(data) && scalar(data) == "":
		*o = OpenInvoices{}
		return nil
	}
	if countElements(data, 1) > maxElements {
		return nil
	}
	var list []Object[OpenInvoice]
	if json.Unmarshal(data, &list) != nil || list == nil {
		return nil // the syntax was checked before: it is no list
	}
	*o = make(OpenInvoices, 0, len(list))
	for _, invoice := range list {
		if invoice.Value != nil {
			*o = append(*o, *invoice.Value)
		}
	}
	return nil
}

// lacks insists on the balance, or on invoices that add up to it.
func (a *Account) lacks() string {
	if a.Owed.Malformed || !a.Owed.Valid && len(a.Invoices) == 0 {
		return "saldo"
	}
	for _, invoice := range a.Invoices {
		if invoice.ID <= 0 || !invoice.Total.Valid {
			return "the id or total of an invoice"
		}
	}
	return ""
}

// Account returns what the client owes now, with its open invoices.
func (s *ClientsService) Account(ctx context.Context, id int) (*Account, error) {
	return getRecord[Account](ctx, s.api, clientPath+"/saldo", strconv.Itoa(id))
}
