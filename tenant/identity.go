package tenant

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"
)

// learnPause is how soon a failed attempt to read the company is repeated.
const learnPause = 30 * time.Second

// ErrOtherProvider says that a key belongs to another provider than the one before.
var ErrOtherProvider = errors.New("tenant: the key belongs to another provider")

// Identity is what this process knows of its provider. It is safe for concurrent use.
type Identity struct {
	host     string
	learning chan struct{} // has room for one: one caller reads the company at a time

	mu         sync.Mutex
	key        string // hash of the key in use; guarded by mu
	company    string // hash of the company that the key has shown; guarded by mu
	recorded   string // hash of the company that a table has for the provider; guarded by mu
	unproven   bool   // the key replaced one whose company was not known; guarded by mu
	unknowable bool   // WispHub has answered and shown no company; guarded by mu
	triedAt    time.Time
	read       func(ctx context.Context) (company string, err error)
	onChange   []func()
}

// New returns the identity of the provider that the key belongs to at that host.
func New(host, key string) *Identity {
	return &Identity{host: host, key: Name(host, key), learning: make(chan struct{}, 1)}
}

// Name returns the name of a provider whose first key this is. It reveals nothing about the key.
func Name(host, key string) string {
	sum := sha256.Sum256([]byte(host + "\x00" + key))
	return fmt.Sprintf("%x", sum[:16])
}

// HostName returns the name of what all providers of a host share, such as a table.
func HostName(host string) string { return Name(host, "") }

// LearnWith sets the function that reads the company of the key from WispHub. It is called when
// nothing else tells which provider the key belongs to, and at most twice a minute.
func (i *Identity) LearnWith(read func(ctx context.Context) (company string, err error)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.read = read
}

// OnChange calls changed when the process has learned the company of its key. It must return soon.
func (i *Identity) OnChange(changed func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.onChange = append(i.onChange, changed)
}

// Observe takes note of the company that WispHub shows for a key, "" if it shows none. If the key
// is not the one in use, it becomes that, unless it belongs to another provider: then the error is
// [ErrOtherProvider]. Proven is false if the earlier key's company is not known, so that the new one
// is used on trust.
func (i *Identity) Observe(key, company string) (proven bool, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	hash := Name(i.host, key)
	shown := i.hashCompany(company)
	if hash != i.key {
		expected := cmp.Or(i.company, i.recorded)
		if expected != "" && shown != expected {
			return false, ErrOtherProvider
		}
		i.key, i.unproven = hash, expected == ""
	} else if shown == i.company {
		i.unknowable = shown == ""
		return !i.unproven, nil
	}
	i.unknowable = shown == "" && i.company == ""
	i.company = cmp.Or(shown, i.company)
	for _, changed := range i.onChange {
		changed()
	}
	return !i.unproven, nil
}

func (i *Identity) hashCompany(company string) string {
	if company == "" {
		return ""
	}
	return Name(i.host, "company\x00"+company)
}

// learn reads the company from WispHub. It returns nil once there is something to decide by.
func (i *Identity) learn(ctx context.Context) error {
	select {
	case i.learning <- struct{}{}:
		defer func() { <-i.learning }()
	case <-ctx.Done():
		return ctx.Err()
	}
	i.mu.Lock()
	read, known := i.read, i.company != "" || i.unknowable
	wait := time.Until(i.triedAt.Add(learnPause)) > 0
	if !known && !wait && read != nil {
		i.triedAt = time.Now()
	}
	key := i.key
	i.mu.Unlock()
	switch {
	case known:
		return nil
	case wait || read == nil:
		return ErrUnknown
	}
	company, err := read(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.key == key && i.company == "" {
		i.company, i.unknowable = i.hashCompany(company), company == ""
	}
	return nil
}

func (i *Identity) claim() claim {
	i.mu.Lock()
	defer i.mu.Unlock()
	return claim{key: i.key, company: i.company, proven: !i.unproven, unknowable: i.unknowable}
}

// record takes note of the company that a table has for the provider.
func (i *Identity) record(company string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.recorded = cmp.Or(company, i.recorded)
}
