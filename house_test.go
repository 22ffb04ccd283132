package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	maxFileLines     = 300
	maxFunctionLines = 60
)

// sourceFiles returns the files of the repository with one of the extensions, outside of testdata
// and hidden folders.
func sourceFiles(t *testing.T, extensions ...string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".")):
			return fs.SkipDir
		case !entry.IsDir() && slices.Contains(extensions, filepath.Ext(name)):
			files = append(files, filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("files %v = %d, %v, want some", extensions, len(files), err)
	}
	return files
}

func isGenerated(file string) bool {
	return strings.Contains(file, "/generated/") || strings.HasSuffix(file, "models_gen.go")
}

func TestFileAndFunctionLengths(t *testing.T) {
	t.Parallel()
	for _, file := range sourceFiles(t, ".go") {
		if isGenerated(file) {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(content), "\n"); lines > maxFileLines {
			t.Errorf("%s has %d lines, want at most %d", file, lines, maxFileLines)
		}
		positions := token.NewFileSet()
		syntax, err := parser.ParseFile(positions, file, content, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range syntax.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := positions.Position(function.End()).Line - positions.Position(function.Pos()).Line + 1
			if lines > maxFunctionLines {
				t.Errorf("%s: %s has %d lines, want at most %d", file, function.Name.Name, lines, maxFunctionLines)
			}
		}
	}
}

// bannedWords are words of earlier versions with several meanings or none, also within words. They
// are written in pieces, so that this file does not match.
var bannedWords = regexp.MustCompile(`(?i)` + strings.Join([]string{
	"hear" + "say", "pat" + "ience", "tal" + "ly", "he" + "ed", "de" + "af", "who" + "ever", "no" + "body", "some" + "body",
	"every" + "body",
}, "|"))

func TestBannedWords(t *testing.T) {
	t.Parallel()
	for _, file := range sourceFiles(t, ".go", ".md", ".graphqls") {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		number := 0
		for line := range strings.Lines(string(content)) {
			number++
			if word := bannedWords.FindString(line); word != "" {
				t.Errorf("%s:%d contains %q, want a word of house.md", file, number, word)
			}
		}
	}
}
