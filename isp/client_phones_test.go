package isp

import (
	"slices"
	"strings"
	"testing"

	"wisphub-graphql/isp/phone"
)

func TestPhoneQuery(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"3000000001", "3000000001"},
		{"+57 300 000 0001", "3000000001"},
		{"573000000001", "3000000001"},
		{"0057 3000000001", "3000000001"},
		{"(604) 123-4567", "6041234567"},
		{"1234567", "1234567"},
		{"0000001", "0000001"},       // the last digits of a number
		{"5712345678", "5712345678"}, // ten digits are a national number, even if they begin with 57
		{"+1 305 123 4567", "13051234567"},
		{"00 1 305 123 4567", "13051234567"},
		{"123456", "123456"}, // a short number, which must be a client's whole number
		{"3000000001 ext 2", "3000000001"},
		{"573000000001:12@s.whatsapp.net", "3000000001"},
		{"\u202a+57 300 000 0001\u202c", "3000000001"},
		{"57/3000000001", "3000000001"},
		{"1234567890123456", ""},
		{"3000000001 3000000002", ""},
		{"", ""},
	}
	for _, test := range tests {
		got, err := colombia.phoneQuery(test.text)
		if got != test.want {
			t.Errorf("phoneQuery(%q) = %q, %v, want %q", test.text, got, err, test.want)
		}
		if test.want == "" {
			wantInputError(t, "phoneQuery("+test.text+")", err, "by", "phone")
		}
	}
}

func TestDirectory_FindByPhone(t *testing.T) {
	t.Parallel()
	directory := directoryOf(t,
		map[string]any{"id_servicio": 1, "telefono": "3001234567"},
		map[string]any{"id_servicio": 2, "telefono": "+573001234567, 3110000000"},
		map[string]any{"id_servicio": 3, "telefono": "3101234567"},
		map[string]any{"id_servicio": 4, "telefono": "1234567"},
		map[string]any{"id_servicio": 5, "telefono": "234567"},
		map[string]any{"id_servicio": 6, "telefono": "6041234567, 604 1234567"},
	)
	tests := []struct {
		number string
		want   []int
	}{
		{"3001234567", []int{1, 2}},
		{"+57 300 123 4567", []int{1, 2}},
		{"1234567", []int{4}}, // client 4 has exactly this number
		{"234567", []int{5}},
		{"34567", nil},
		{"01234567", []int{1, 2, 3}},
		{"41234567", []int{6}},
		{"6041234567", []int{6}},
		{"3110000000", []int{2}},
		{"0000000", []int{2}},
		{"9999999", nil},
	}
	for _, test := range tests {
		key, err := byTel(test.number).lookup(colombia)
		if err != nil {
			t.Errorf("lookup(%q) = %v", test.number, err)
			continue
		}
		if got := idsOf(directory.find(key)); !slices.Equal(got, test.want) {
			t.Errorf("find(%q) = %v, want %v", test.number, got, test.want)
		}
	}
}

// Each number of each simulated client finds that client, in several spellings.
func TestDirectory_FindsEachSimulatedPhone(t *testing.T) {
	t.Parallel()
	directory := simulatedDirectory(500)
	for _, client := range directory.clients {
		for _, number := range client.Phones {
			for _, typed := range []string{number, "+57 " + strings.TrimPrefix(number, "57"), number[len(number)-7:]} {
				key, err := byTel(typed).lookup(colombia)
				if err != nil || !slices.Contains(directory.find(key), client) {
					t.Errorf("find(%q) = %v, %v, want client %d among them", typed, idsOf(directory.find(key)), err, client.ServiceID)
				}
			}
		}
	}
}

func FuzzPhoneQuery(f *testing.F) {
	for _, seed := range []string{"", "300 000 0001,+573000000002", "(604) 1234567 ext 2", "\u00a0300\xff", "00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if number, err := colombia.phoneQuery(text); err == nil && (number == "" || len(number) > phone.MaxDigits) {
			t.Errorf("phoneQuery(%q) = %q, want 1 to 15 digits", text, number)
		}
	})
}
