package rest

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"wisphub-graphql/isp"
)

// appendClient writes a client as JSON. By hand, because all of them go into one answer.
func appendClient(to []byte, c *isp.Client) []byte {
	to = append(to, `{"service_id":`...)
	to = strconv.AppendInt(to, int64(c.ServiceID), 10)
	to = appendText(append(to, `,"name":`...), isp.Text(c.Name))
	to = appendText(append(to, `,"document":`...), c.Document)
	to = appendText(append(to, `,"phone":`...), c.Phone)
	to = appendText(append(to, `,"address":`...), c.Address)
	to = appendText(append(to, `,"city":`...), c.City)
	to = appendText(append(to, `,"locality":`...), c.Locality)
	to = appendText(append(to, `,"payment_status":`...), isp.Text(c.StatusLabel))
	to = append(to, `,"zone_id":`...)
	if c.Zone != nil {
		to = strconv.AppendInt(to, int64(c.Zone.ZoneID), 10)
	} else {
		to = append(to, "null"...)
	}
	to = appendText(append(to, `,"antenna_ip":`...), c.IP)
	to = appendText(append(to, `,"cut_off_date":`...), isp.Text(c.CutOffText))
	to = appendAmount(append(to, `,"outstanding_balance":`...), c.Balance)
	to = appendText(append(to, `,"lan_interface":`...), c.LANInterface)
	to = append(to, `,"internet_plan_name":`...)
	if c.Plan != nil {
		to = appendText(to, isp.Text(c.Plan.Name))
	} else {
		to = append(to, "null"...)
	}
	to = append(to, `,"internet_plan_price":`...)
	if c.PlanPrice.Value().IsZero() { // WispHub writes 0 for a price that it does not have
		to = append(to, "null"...)
	} else {
		to = appendAmount(to, c.PlanPrice)
	}
	to = append(to, `,"technician_id":`...)
	if c.Technician != nil {
		to = strconv.AppendInt(to, int64(c.Technician.StaffID), 10)
	} else {
		to = append(to, "null"...)
	}
	return append(to, '}')
}

// appendAmount writes money as a JSON number, exactly; null for none.
func appendAmount(to []byte, amount isp.Decimal) []byte {
	if amount.IsZero() {
		return append(to, "null"...)
	}
	return append(to, amount.String()...)
}

// appendText writes a text as JSON, null for an empty one.
func appendText(to []byte, text isp.Text) []byte {
	if text == "" {
		return append(to, "null"...)
	}
	if !isPlain(string(text)) {
		quoted, err := json.Marshal(string(text))
		if err != nil {
			panic(err) // text always marshals
		}
		return append(to, quoted...)
	}
	to = append(to, '"')
	to = append(to, text...)
	return append(to, '"')
}

// isPlain reports whether a text stands in JSON as it is.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c == 0x7f || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return utf8.ValidString(text)
}

// client is a client in an envelope.
type client struct{ *isp.Client }

// MarshalJSON implements [json.Marshaler].
func (c client) MarshalJSON() ([]byte, error) { return appendClient(nil, c.Client), nil }
