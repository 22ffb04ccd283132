package isp

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
)

// tooLarge is the first id that does not fit into WispHub's 32 bits.
const tooLarge = 1 << 31

// Task ids are opaque: WispHub gets each as it is, in its own case.
func Test13_11_TaskIDsAreOpaque(t *testing.T) {
	t.Parallel()
	var asked string
	provider, _ := connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = strings.Split(r.URL.Path, "/")[3]
		respondJSON(`{"task": {"status": "SUCCESS", "result": "Listo"}}`).ServeHTTP(w, r)
	})))
	for _, id := range []string{"7", "Ab_9-z", "0E37DF36", someTask, strings.Repeat("x", 64)} {
		task, err := provider.Tasks.Get(t.Context(), id)
		if err != nil || task == nil || task.TaskID != id || task.ID != "task:"+id || asked != id {
			t.Errorf("Get(%q) = %+v, %v after asking WispHub for %q, want the task", id, task, err, asked)
		}
	}
}

func Test13_11_OtherTextsAreNoTasks(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	for _, id := range []string{"", strings.Repeat("x", 65), someTask + "\n", " x", "../clientes/1", "task:x", "a.b", "ñ", "%2e"} {
		if task, err := provider.Tasks.Get(t.Context(), id); err != nil || task != nil {
			t.Errorf("Get(%q) = %v, %v, want nil", id, task, err)
		}
		if !provider.Tasks.Known(id) {
			t.Errorf("Known(%q) = false, want true: Get costs no call", id)
		}
		_, err := provider.Tasks.Watch(t.Context(), id)
		wantErrorIs(t, "Watch("+id+")", err, ErrUnknownTask)
	}
	wantCalls(t, upstream, 0)
}

// readsByID are the reads that take an id, each with whether it found anything.
func readsByID(provider *Provider) map[string]func(ctx context.Context, id int) (found bool, err error) {
	return map[string]func(ctx context.Context, id int) (found bool, err error){
		"Clients.Get": func(ctx context.Context, id int) (bool, error) {
			client, err := provider.Clients.Get(ctx, id)
			return client != nil, err
		},
		"Clients.Sector": func(ctx context.Context, id int) (bool, error) {
			sector, err := provider.Clients.Sector(ctx, id)
			return sector != nil, err
		},
		"Plans.Get": func(ctx context.Context, id int) (bool, error) {
			plan, err := provider.Plans.Get(ctx, id)
			return plan != nil, err
		},
		"Zones.Get": func(ctx context.Context, id int) (bool, error) {
			zone, err := provider.Zones.Get(ctx, id)
			return zone != nil, err
		},
		"Routers.Get": func(ctx context.Context, id int) (bool, error) {
			r, err := provider.Routers.Get(ctx, id)
			return r != nil, err
		},
		"Staff.Get": func(ctx context.Context, id int) (bool, error) {
			s, err := provider.Staff.Get(ctx, id)
			return s != nil, err
		},
		"PaymentMethods.Get": func(ctx context.Context, id int) (bool, error) {
			method, err := provider.PaymentMethods.Get(ctx, id)
			return method != nil, err
		},
		"Tickets.Get": func(ctx context.Context, id int) (bool, error) {
			ticket, err := provider.Tickets.Get(ctx, id)
			return ticket != nil, err
		},
		"Clients.Select": func(ctx context.Context, id int) (bool, error) {
			selection, err := provider.Clients.Select(ctx, &ClientFilter{ZoneID: []int{id}}, "")
			return err == nil && (len(selection.Clients) > 0 || selection.AsOf.IsZero() || selection.Tag == ""), err
		},
		"Clients.Verify": func(ctx context.Context, id int) (bool, error) {
			claim := IdentityClaim{Name: new("ana"), Address: new("chapa"), PlanName: new("fibra")}
			check, err := provider.Clients.Verify(ctx, id, claim, nil)
			return check != nil, err
		},
		"Tickets.Quota": func(ctx context.Context, id int) (bool, error) {
			quota, err := provider.Tickets.Quota(ctx, id)
			return err == nil && (quota.Blocked || quota.Active != 0 || quota.Maximum != 3), err
		},
	}
}

// Records with such ids are not found, in any list, without a call.
func Test13_11_IDsBeyond32BitsAreNotFound(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	for _, id := range []int{tooLarge, 99_999_999_999} {
		for name, read := range readsByID(provider) {
			if found, err := read(t.Context(), id); err != nil || found {
				t.Errorf("%s(%d) = found %t, %v, want nothing", name, id, found, err)
			}
		}
		if !provider.Clients.Known(ClientKey{ServiceID: &id}) || !provider.Tickets.Known(id) {
			t.Errorf("Known(%d) = false, want true: the look-up costs no call", id)
		}
	}
	wantCalls(t, upstream, 0)
}

func Test13_11_WritesDoNotFindIDsBeyond32Bits(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	ping, err := provider.Clients.Ping(t.Context(), tooLarge, nil)
	if err != nil || len(ping.UserErrors) != 1 || ping.UserErrors[0].Code != CodeNotFound {
		t.Errorf("Ping(%d) = %+v, %v, want NOT_FOUND", tooLarge, ping, err)
	}
	update, err := provider.Clients.Update(t.Context(), UpdateClientInput{ServiceID: tooLarge, City: new("Bello")})
	if err != nil || len(update.UserErrors) != 1 || update.UserErrors[0].Code != CodeNotFound {
		t.Errorf("Update(%d) = %+v, %v, want NOT_FOUND", tooLarge, update, err)
	}
	created, err := provider.Tickets.Create(t.Context(), CreateTicketInput{ServiceID: tooLarge, Subject: "x", Description: "y"})
	if err != nil || len(created.UserErrors) != 1 || created.UserErrors[0].Code != CodeNotFound {
		t.Errorf("Create(%d) = %+v, %v, want NOT_FOUND", tooLarge, created, err)
	}
	wantCalls(t, upstream, 0)
}

// Larger numbers than an int holds are numbers, too: they are the keys of nothing.
func Test13_11_KeysOfAnySizeAreNumbers(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"2147483648", "99999999999", "99999999999999999999", "1" + strings.Repeat("0", 60)} {
		if number, err := ParseKey(key); err != nil || number < tooLarge {
			t.Errorf("ParseKey(%q) = %d, %v, want a number beyond 32 bits", key, number, err)
		}
	}
	for _, key := range []string{"", "0", "-99999999999999999999", "+99999999999999999999", "099999999999999999999", "9x"} {
		if number, err := ParseKey(key); !errors.As(err, new(*InputError)) {
			t.Errorf("ParseKey(%q) = %d, %v, want an InputError", key, number, err)
		}
	}
}
