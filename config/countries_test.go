package config

import (
	"slices"
	"strings"
	"testing"
	_ "time/tzdata" // a machine need not have zones

	"wisphub-graphql/isp/calendar"
)

func Test13_16_DefaultsFollowTheTimezone(t *testing.T) {
	t.Parallel()
	tests := []struct{ zones, holidays, currency string }{
		{"America/Bogota", "co", "COP"},
		{"America/Mexico_City America/Tijuana America/Monterrey America/Cancun America/Hermosillo", "mx", "MXN"},
		{"America/Lima", "pe", "PEN"},
		{"America/Guayaquil Pacific/Galapagos", "ec", "USD"},
		{"America/Santiago America/Punta_Arenas Pacific/Easter", "cl", "CLP"},
		{"America/Buenos_Aires America/Argentina/Buenos_Aires America/Argentina/Ushuaia America/Cordoba", "ar", "ARS"},
		{"America/Caracas", "ve", "VES"},
		{"America/Guatemala", "gt", "GTQ"},
		{"America/Tegucigalpa", "hn", "HNL"},
		{"America/Managua", "ni", "NIO"},
		{"America/Costa_Rica", "cr", "CRC"},
		{"America/Panama", "pa", "USD"},
		{"America/Santo_Domingo", "do", "DOP"},
	}
	var found []string
	for _, test := range tests {
		found = append(found, test.holidays)
		for zone := range strings.FieldsSeq(test.zones) {
			settings, warnings, err := Load(minimal("TIMEZONE", zone))
			if err != nil || len(warnings) > 0 {
				t.Errorf("Load(TIMEZONE=%s) = %q, %v, want no warning and no error", zone, warnings, err)
				continue
			}
			if settings.Holidays != test.holidays || settings.Currency != test.currency {
				t.Errorf("Load(TIMEZONE=%s): %s and %s, want %s and %s",
					zone, settings.Holidays, settings.Currency, test.holidays, test.currency)
			}
		}
	}
	slices.Sort(found)
	if countries := calendar.Countries(); !slices.Equal(found, countries) {
		t.Errorf("countries of time zones = %q, want %q", found, countries)
	}
}

func TestCountryOf_ZonesExist(t *testing.T) {
	t.Parallel()
	for zone := range zoneCountries {
		if _, err := parseTimezone(zone); err != nil {
			t.Errorf("parseTimezone(%s) = %v, want a time zone", zone, err)
		}
	}
}

func TestLoad_TimezoneOfNoKnownCountry(t *testing.T) {
	t.Parallel()
	const (
		holidaysWarning = "HOLIDAYS: the public holidays of this TIMEZONE are not known and do not count; set it to one of " +
			"ar, cl, co, cr, do, ec, gt, hn, mx, ni, pa, pe, ve, none"
		currencyWarning = "CURRENCY: the currency of this TIMEZONE is not known; set it if it is not COP"
	)
	tests := []struct {
		changes            []string
		holidays, currency string
		warnings           []string
	}{
		{[]string{}, "none", "COP", []string{holidaysWarning, currencyWarning}},
		{[]string{"HOLIDAYS", "mx"}, "mx", "COP", []string{currencyWarning}},
		{[]string{"HOLIDAYS", "none", "CURRENCY", "EUR"}, "none", "EUR", nil},
	}
	for _, zone := range []string{"UTC", "America/New_York", "Europe/Madrid"} {
		for _, test := range tests {
			changes := append([]string{"TIMEZONE", zone}, test.changes...)
			settings, warnings, err := Load(minimal(changes...))
			if err != nil || !slices.Equal(warnings, test.warnings) {
				t.Errorf("Load(%q) = %q, %v, want %q", changes, warnings, err, test.warnings)
				continue
			}
			if settings.Holidays != test.holidays || settings.Currency != test.currency {
				t.Errorf("Load(%q): %s and %s, want %s and %s",
					changes, settings.Holidays, settings.Currency, test.holidays, test.currency)
			}
		}
	}
}

// TestLoad_InvalidTimezoneWarnsOfNothingElse has one mistake, which is reported once.
func TestLoad_InvalidTimezoneWarnsOfNothingElse(t *testing.T) {
	t.Parallel()
	_, warnings, err := Load(minimal("TIMEZONE", "Bogota"))
	if err == nil || len(warnings) > 0 {
		t.Errorf("Load(TIMEZONE=Bogota) = %q, %v, want an error and no warning", warnings, err)
	}
}

func Test13_16_SettingsWinOverTheTimezone(t *testing.T) {
	t.Parallel()
	settings, warnings, err := Load(minimal("TIMEZONE", "America/Lima", "HOLIDAYS", "none", "CURRENCY", "USD"))
	if err != nil || len(warnings) > 0 {
		t.Fatalf("Load = %q, %v, want no warning and no error", warnings, err)
	}
	if settings.Holidays != "none" || settings.Currency != "USD" {
		t.Errorf("Load: %s and %s, want none and USD", settings.Holidays, settings.Currency)
	}
}
