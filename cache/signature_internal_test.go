package cache

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// Two folders of one process at one path write in turn, also where file systems have no locks.
func Test15_Small_SealedWithoutFileLocks(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	var group sync.WaitGroup
	for _, at := range []string{path, path + "/"} {
		folder, err := OpenSealedFolder(at, "demo", SealOptions{
			Keys:        [][]byte{SealKey([]byte("secret"))},
			OnTampering: func(file string, err error) { t.Errorf("%s %v, want no word of tampering", file, err) },
		})
		if err != nil {
			t.Fatal(err)
		}
		folder.tryLock = func(*os.File) error { return nil }
		group.Go(func() {
			for i := range 100 {
				if err := folder.Write("sessions", fmt.Append(nil, at, i)); err != nil {
					t.Error(err)
				}
				if _, err := folder.Read("sessions"); err != nil {
					t.Errorf("Read beside writes = %v, want no error", err)
				}
			}
		})
	}
	group.Wait()
}
