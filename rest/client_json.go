package rest

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"wisphub-graphql/isp"
)

// appendClient appends a client as JSON. It does not use encoding/json because one answer may
// contain every client.
func appendClient(buf []byte, c *isp.Client) []byte {
	buf = append(buf, `{"service_id":`...)
	buf = strconv.AppendInt(buf, int64(c.ServiceID), 10)
	buf = appendText(append(buf, `,"name":`...), isp.Text(c.Name))
	buf = appendText(append(buf, `,"document":`...), c.Document)
	buf = appendText(append(buf, `,"phone":`...), c.Phone)
	buf = appendText(append(buf, `,"address":`...), c.Address)
	buf = appendText(append(buf, `,"city":`...), c.City)
	buf = appendText(append(buf, `,"locality":`...), c.Locality)
	buf = appendText(append(buf, `,"payment_status":`...), isp.Text(c.StatusLabel))
	buf = append(buf, `,"zone_id":`...)
	if c.Zone != nil {
		buf = strconv.AppendInt(buf, int64(c.Zone.ZoneID), 10)
	} else {
		buf = append(buf, "null"...)
	}
	buf = appendText(append(buf, `,"antenna_ip":`...), c.IP)
	buf = appendText(append(buf, `,"cut_off_date":`...), isp.Text(c.CutOffText))
	buf = appendAmount(append(buf, `,"outstanding_balance":`...), c.Balance)
	buf = appendText(append(buf, `,"lan_interface":`...), c.LANInterface)
	buf = append(buf, `,"internet_plan_name":`...)
	if c.Plan != nil {
		buf = appendText(buf, isp.Text(c.Plan.Name))
	} else {
		buf = append(buf, "null"...)
	}
	buf = append(buf, `,"internet_plan_price":`...)
	if c.PlanPrice.Value().IsZero() { // WispHub writes 0 for an unknown price
		buf = append(buf, "null"...)
	} else {
		buf = appendAmount(buf, c.PlanPrice)
	}
	buf = append(buf, `,"technician_id":`...)
	if c.Technician != nil {
		buf = strconv.AppendInt(buf, int64(c.Technician.StaffID), 10)
	} else {
		buf = append(buf, "null"...)
	}
	return append(buf, '}')
}

// appendAmount appends an amount as a JSON number without rounding it, or null for no amount.
func appendAmount(buf []byte, amount isp.Decimal) []byte {
	if amount.IsZero() {
		return append(buf, "null"...)
	}
	return append(buf, amount.String()...)
}

// appendText appends a JSON string, or null for an empty text.
func appendText(buf []byte, text isp.Text) []byte {
	if text == "" {
		return append(buf, "null"...)
	}
	if needsEscape(string(text)) {
		quoted, err := json.Marshal(string(text))
		if err != nil {
			panic(err) // a string can always be marshaled
		}
		return append(buf, quoted...)
	}
	buf = append(buf, '"')
	buf = append(buf, text...)
	return append(buf, '"')
}

// needsEscape reports whether a JSON string cannot contain the text unchanged.
func needsEscape(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c == 0x7f || c == '<' || c == '>' || c == '&' {
			return true
		}
	}
	return !utf8.ValidString(text)
}

// clientJSON marshals a client as the REST API writes it.
type clientJSON struct{ *isp.Client }

// MarshalJSON implements [json.Marshaler].
func (c clientJSON) MarshalJSON() ([]byte, error) { return appendClient(nil, c.Client), nil }
