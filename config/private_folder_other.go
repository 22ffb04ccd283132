//go:build !unix

package config

// IsFolderExposed returns false: this system uses access lists.
func IsFolderExposed(string) bool { return false }
