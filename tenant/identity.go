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
	readable chan struct{} // closed once read is set
	read     func(ctx context.Context) (company string, err error)

	mu         sync.Mutex
	key        string    // hash of the key in use; guarded by mu
	company    string    // hash of the company that the key has shown; guarded by mu
	recorded   string    // hash of the company that a table has for the provider; guarded by mu
	unproven   bool      // the key replaced one whose company was not known; guarded by mu
	unknowable bool      // WispHub has answered and shown no company; guarded by mu
	triedAt    time.Time // of the last read; guarded by mu
	onChange   []func()  // guarded by mu
}

// New returns the identity of the provider that the key belongs to at that host.
func New(host, key string) *Identity {
	return &Identity{
		host: host, key: Name(host, key), learning: make(chan struct{}, 1), readable: make(chan struct{}),
	}
}

// Name returns the name of a provider whose first key this is. It reveals nothing about the key.
func Name(host, key string) string {
	sum := sha256.Sum256([]byte(host + "\x00" + key))
	return fmt.Sprintf("%x", sum[:16])
}

// HostName returns the name of what all providers of a host share, such as a table.
func HostName(host string) string { return Name(host, "") }

// LearnWith sets the function that reads the company of the key from WispHub. It is called when
// nothing else tells which provider the key belongs to, and at most twice a minute. Until LearnWith,
// which must be called once, those who need it wait.
func (i *Identity) LearnWith(read func(ctx context.Context) (company string, err error)) {
	i.read = read
	close(i.readable)
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

// Suggest takes note of the company that the data shows which was kept under the provider's name.
func (i *Identity) Suggest(company string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.company == "" && !i.unproven {
		i.company = i.hashCompany(company)
	}
}

// learn reads the company from WispHub. It returns nil once there is something to decide by.
func (i *Identity) learn(ctx context.Context) error {
	select {
	case <-i.readable:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case i.learning <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-i.learning }()
	key, decided := i.beginLearning()
	switch {
	case decided:
		return nil
	case key == "":
		return ErrUnknown
	}
	company, err := i.read(ctx)
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

// beginLearning returns the hash of the key whose company must be read. It is "" soon after another
// attempt. Decided is true if the company is known already, or cannot be known.
func (i *Identity) beginLearning() (key string, decided bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.company != "" || i.unknowable {
		return "", true
	}
	if now := time.Now(); i.triedAt.IsZero() || now.Sub(i.triedAt) >= learnPause {
		i.triedAt = now
		return i.key, false
	}
	return "", false
}

func (i *Identity) facts() facts {
	i.mu.Lock()
	defer i.mu.Unlock()
	return facts{key: i.key, company: i.company, proven: !i.unproven, unknowable: i.unknowable}
}

// record takes note of the company that a table has for the provider.
func (i *Identity) record(company string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.recorded = cmp.Or(company, i.recorded)
}
