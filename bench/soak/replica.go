package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/bcrypt"

	"wisphub-graphql/wisphub/wisphubtest"
)

const (
	username = "soak"
	password = "soak-password"
)

// replica is one facade, which may have several lives.
type replica struct {
	number  int
	binary  string
	folder  string
	environ []string
	warning io.Writer // nil for none
	session session

	mu      sync.Mutex // guards what follows
	lives   []*process
	running bool
}

// startReplicas starts them all. stopReplicas must be called, after an error, too.
func (s *soak) startReplicas(folder string) error {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		return err
	}
	for number := 1; number <= s.options.replicas; number++ {
		environ, err := s.environ(number, string(hash))
		if err != nil {
			return err
		}
		r := &replica{number: number, binary: s.options.binary, folder: folder, environ: environ, warning: s.options.warnings}
		s.replicas = append(s.replicas, r)
		if err := r.start(); err != nil {
			return err
		}
	}
	return nil
}

// environ is all that a replica gets: nothing is inherited, and its working directory has no .env.
func (s *soak) environ(number int, hash string) ([]string, error) {
	environ := []string{
		"WISPHUB_NET_HOST=" + s.upstream.address,
		"WISPHUB_NET_KEY=" + wisphubtest.Key,
		"JWT_SECRET_KEY=an-invented-secret-that-opens-nothing-else",
		"API_USERNAME=" + username,
		"API_PASSWORD_HASH=" + hash,
		"LISTEN_ADDR=127.0.0.1:0",
	}
	if s.options.cacheURL != "" {
		environ = append(environ, "CACHE_URL="+s.options.cacheURL)
	}
	if s.options.cacheDir != "" {
		folder, err := filepath.Abs(filepath.Join(s.options.cacheDir, fmt.Sprintf("replica-%d", number)))
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
		environ = append(environ, "CACHE_DIR="+folder)
	}
	return append(environ, s.options.set...), nil // the last of a name counts
}

// stopReplicas ends them all at once and returns what is to be said of those that had ended unasked.
func (s *soak) stopReplicas() []error {
	errs := make([]error, len(s.replicas))
	var stopping sync.WaitGroup
	for i, r := range s.replicas {
		stopping.Go(func() { errs[i] = r.stop() })
	}
	stopping.Wait()
	var died []error
	for _, err := range errs {
		if err != nil {
			died = append(died, err)
		}
	}
	return died
}

func (r *replica) start() error {
	p, err := startProcess(r.binary, r.folder, r.environ, r.warning)
	if err != nil {
		return fmt.Errorf("replica %d: %w", r.number, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lives = append(r.lives, p)
	r.running = true
	return nil
}

// current returns the replica's process, nil while it is down.
func (r *replica) current() *process {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.running {
		return nil
	}
	return r.lives[len(r.lives)-1]
}

// kill lets the replica die; whoever balances the load knows at once.
func (r *replica) kill() error { return r.end((*process).kill) }

func (r *replica) stop() error { return r.end((*process).stop) }

// end returns an error when the replica's process, if any, had ended unasked.
func (r *replica) end(how func(*process) error) error {
	p := r.current()
	if p == nil {
		return nil
	}
	r.mu.Lock()
	r.running = false
	r.mu.Unlock()
	if err := how(p); err != nil {
		return fmt.Errorf("BROKEN: replica %d %w", r.number, err)
	}
	return nil
}
