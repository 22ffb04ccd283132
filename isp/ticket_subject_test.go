package isp

import "testing"

// WispHub compares subjects letter by letter. The client's name that a list appends does not
// count.
func TestSubjects_ForUpdate(t *testing.T) {
	t.Parallel()
	_, provider := open(t, 3)
	for subject, want := range map[string]string{
		"Internet Lento":                    "",
		"internet lento":                    "internet lento",
		"Internet Lento - ANA MARÍA PEÑA":   "",
		"Internet Lento - Ana María Peña":   "Internet Lento - Ana María Peña", // typed by the caller, not appended by the list
		"Internet Lento - no carga Netflix": "Internet Lento - no carga Netflix",
		"Otro Asunto":                       "",
		"Se cayó el poste":                  "Se cayó el poste",
		"Se cayó el poste - ANA MARÍA PEÑA": "Se cayó el poste",
		"Poste - Internet - ANA MARÍA PEÑA": "Poste - Internet",
		"Paquete para - Ana María Peña":     "Paquete para - Ana María Peña",
		"Poste - OTRA PERSONA":              "Poste - OTRA PERSONA",
		" - ANA MARÍA PEÑA":                 " - ANA MARÍA PEÑA",
	} {
		got, err := provider.Subjects.forUpdate(t.Context(), &Ticket{Subject: subject, serviceName: "Ana María  Peña "})
		if err != nil || got != want {
			t.Errorf("forUpdate(%q) = %q, %v, want %q", subject, got, err, want)
		}
	}
}

// If the key must not read the catalogue, no subject counts as one of the catalogue.
func TestSubjects_WithoutCatalogue(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 3)
	upstream.Forbid("/api/tickets/asuntos-tickets/")
	got, err := provider.Subjects.forUpdate(t.Context(), &Ticket{Subject: "Internet Lento"})
	if subject, own := provider.Subjects.forNew(t.Context(), "Internet Lento"); err != nil || got != subject || own {
		t.Errorf("forUpdate = %q, %v and forNew = %q, %t, want the same subject and false", got, err, subject, own)
	}
}
