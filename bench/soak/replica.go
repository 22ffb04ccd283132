package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/crypto/bcrypt"

	"wisphub-graphql/wisphub/wisphubtest"
)

const (
	username = "soak"
	password = "soak-password"
)

// replica is one facade. It has several processes when it was killed and started again.
type replica struct {
	number   int
	binary   string
	dir      string
	env      []string
	warnings io.Writer // nil drops them
	session  session

	mu        sync.Mutex // guards the fields below
	processes []*process
	running   bool
}

// startReplicas starts all replicas. The caller must call stopReplicas, even after an error.
func (s *soak) startReplicas(dir string) error {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		return err
	}
	for number := 1; number <= s.options.replicas; number++ {
		env, err := s.replicaEnv(number, string(hash))
		if err != nil {
			return err
		}
		r := &replica{number: number, binary: s.options.binary, dir: dir, env: env, warnings: s.options.warnings}
		s.replicas = append(s.replicas, r)
		if err := r.start(); err != nil {
			return err
		}
	}
	return nil
}

// replicaEnv returns the whole environment of a replica. Nothing is inherited, and the working
// directory has no .env.
func (s *soak) replicaEnv(number int, hash string) ([]string, error) {
	env := []string{
		"WISPHUB_NET_HOST=" + s.upstream.address,
		"WISPHUB_NET_KEY=" + wisphubtest.Key,
		"JWT_SECRET_KEY=a-secret-for-soak-tests-only-0123456789",
		"API_USERNAME=" + username,
		"API_PASSWORD_HASH=" + hash,
		"LISTEN_ADDR=127.0.0.1:0",
	}
	if s.options.cacheURL != "" {
		env = append(env, "CACHE_URL="+s.options.cacheURL)
	}
	if s.options.cacheDir != "" {
		dir, err := filepath.Abs(filepath.Join(s.options.cacheDir, fmt.Sprintf("replica-%d", number)))
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		env = append(env, "CACHE_DIR="+dir)
	}
	return append(env, s.options.set...), nil // the last value of a name wins
}

// stopReplicas stops all replicas at once. It returns an error for each that had exited
// unexpectedly.
func (s *soak) stopReplicas() []error {
	errs := make([]error, len(s.replicas))
	var group sync.WaitGroup
	for i, r := range s.replicas {
		group.Go(func() { errs[i] = r.stop() })
	}
	group.Wait()
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

func (r *replica) start() error {
	p, err := startProcess(r.binary, r.dir, r.env, r.warnings)
	if err != nil {
		return fmt.Errorf("replica %d: %w", r.number, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.processes = append(r.processes, p)
	r.running = true
	return nil
}

// current returns the running process, nil while the replica is down.
func (r *replica) current() *process {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.running {
		return nil
	}
	return r.processes[len(r.processes)-1]
}

// kill kills the process. From then on current returns nil, as if a load balancer knew at once.
func (r *replica) kill() error { return r.end((*process).kill) }

func (r *replica) stop() error { return r.end((*process).stop) }

// end ends the running process, if any. It returns an error when the process had already exited.
func (r *replica) end(endProcess func(*process) error) error {
	p := r.current()
	if p == nil {
		return nil
	}
	r.mu.Lock()
	r.running = false
	r.mu.Unlock()
	if err := endProcess(p); err != nil {
		return fmt.Errorf("FAILED: replica %d %w", r.number, err)
	}
	return nil
}
