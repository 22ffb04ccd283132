package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
)

// maxPrivateFileBytes limits the size of .env and secret files. Real ones have a few kilobytes.
const maxPrivateFileBytes = 64 << 10

var (
	errNotRegularFile = errors.New("not a regular file")
	errFileTooLarge   = errors.New("larger than 64 kB")
)

// exposedAdvice ends the warning about a file for which [ReadPrivateFile] reports exposed.
const exposedAdvice = "group or others may read this file; chmod 600 it"

// ReadPrivateFile returns the content of a file of at most 64 kB, and whether group or others may
// read it. Its errors never contain the path, so that an operator who sets NAME_FILE to the secret
// itself does not find the secret in the log. They match [fs.ErrNotExist] and similar errors.
func ReadPrivateFile(path string) (content []byte, exposed bool, err error) {
	exposed, err = InspectPrivateFile(path)
	if err != nil {
		return nil, false, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, false, WithoutPath(err)
	}
	defer file.Close()
	content, err = io.ReadAll(io.LimitReader(file, maxPrivateFileBytes+1))
	if err != nil {
		return nil, false, WithoutPath(err)
	}
	if len(content) > maxPrivateFileBytes {
		return nil, false, errFileTooLarge
	}
	return content, exposed, nil
}

// InspectPrivateFile reports whether group or others may read the file. It returns an error unless
// the file is a regular one, because opening a named pipe could block forever. The error never
// contains the path.
func InspectPrivateFile(path string) (exposed bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, WithoutPath(err)
	}
	if !info.Mode().IsRegular() {
		return false, errNotRegularFile
	}
	// Windows uses access lists, and Go reports every file there as 0666 or 0444.
	return runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0, nil
}

// WithoutPath returns the cause of a [*fs.PathError], and any other error unchanged.
func WithoutPath(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// TrimLineEnd removes one line end, LF or CR LF, from the end of text.
func TrimLineEnd(text string) string {
	if line, ok := strings.CutSuffix(text, "\n"); ok {
		return strings.TrimSuffix(line, "\r")
	}
	return text
}
