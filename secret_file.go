package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
)

// maxPrivateFileBytes bounds what is read of a .env or secret file; the largest honest one is a few kilobytes.
const maxPrivateFileBytes = 64 << 10

var (
	errNotRegularFile = errors.New("not a regular file")
	errFileTooLarge   = errors.New("larger than 64 kB")
)

// exposedAdvice ends the warning about a file for which [readPrivateFile] reports exposed.
const exposedAdvice = "group or others may read this file; chmod 600 it"

// readPrivateFile returns what the file holds, and whether group or others may read it. Its errors never name the path:
// somebody who puts the secret itself into NAME_FILE would find it in the log. They match [fs.ErrNotExist] and its like.
func readPrivateFile(path string) (content []byte, exposed bool, err error) {
	exposed, err = inspectPrivateFile(path)
	if err != nil {
		return nil, false, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, false, withoutPath(err)
	}
	defer file.Close()
	content, err = io.ReadAll(io.LimitReader(file, maxPrivateFileBytes+1))
	if err != nil {
		return nil, false, withoutPath(err)
	}
	if len(content) > maxPrivateFileBytes {
		return nil, false, errFileTooLarge
	}
	return content, exposed, nil
}

// inspectPrivateFile reports whether group or others may read the file, which must be a regular one:
// to open a pipe could wait for ever.
func inspectPrivateFile(path string) (exposed bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, withoutPath(err)
	}
	if !info.Mode().IsRegular() {
		return false, errNotRegularFile
	}
	// Windows keeps access lists instead, and Go shows every file there as 0666 or 0444.
	return runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0, nil
}

func withoutPath(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// trimLineEnd drops one line end, LF or CR LF, from the end of text.
func trimLineEnd(text string) string {
	if line, ok := strings.CutSuffix(text, "\n"); ok {
		return strings.TrimSuffix(line, "\r")
	}
	return text
}
