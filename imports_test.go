package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "wisphub-graphql"

// layers lists the packages from top to bottom. A package may import only packages of lower layers
// and of its own. A layer includes the subpackages that have no layer of their own.
var layers = []string{
	"", "config", "httpserver", "graph", "rest", "mcp", "isp", "auth", "cache", "cache/shared", "wisphub", "wisphub/ratelimit",
}

// leaves may be imported by all packages, and import none of ours.
var leaves = []string{"background", "inflight", "page", "processor", "tenant"}

// pureLeaves of isp import none of ours but leaves. The lowest of them is isp/text.
var pureLeaves = []string{"isp/calendar", "isp/ping", "isp/text", "isp/phone"}

// layerOf returns the index in layers of the longest layer that contains the package, or -1 for a
// package without a layer.
func layerOf(pkg string) int {
	found := -1
	for i, layer := range layers {
		if within(pkg, layer) && (found < 0 || len(layer) > len(layers[found])) {
			found = i
		}
	}
	return found
}

// within reports whether pkg is the root or one of its subpackages. Only the main package is
// within "".
func within(pkg, root string) bool {
	return pkg == root || root != "" && strings.HasPrefix(pkg, root+"/")
}

// isTestSupport reports whether the package is imported by tests only, such as
// wisphub/wisphubtest.
func isTestSupport(pkg string) bool { return strings.HasSuffix(pkg, "test") }

// ownImports returns the imports, without those of tests, of each package of the module. Names are
// relative to the module.
func ownImports(t *testing.T) map[string][]string {
	t.Helper()
	output, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list = %v", err)
	}
	imports := make(map[string][]string)
	for line := range strings.Lines(string(output)) {
		paths := strings.Fields(line)
		pkg := strings.TrimPrefix(strings.TrimPrefix(paths[0], module), "/")
		imports[pkg] = nil
		for _, path := range paths[1:] {
			if own, ok := strings.CutPrefix(path, module+"/"); ok {
				imports[pkg] = append(imports[pkg], own)
			}
		}
	}
	return imports
}

func TestImports(t *testing.T) {
	t.Parallel()
	for pkg, imports := range ownImports(t) {
		for _, imported := range imports {
			if reason := whyForbidden(pkg, imported); reason != "" {
				t.Errorf("%s imports %s: %s", pkg, imported, reason)
			}
		}
	}
}

// whyForbidden returns why pkg may not import the other package, or "" if it may.
func whyForbidden(pkg, imported string) string {
	from, to := layerOf(pkg), layerOf(imported)
	switch {
	case slices.Contains(leaves, pkg):
		return "a leaf imports no package of ours"
	case slices.Contains(pureLeaves, pkg) && imported == "isp/text":
		return ""
	case slices.Contains(pureLeaves, pkg) && !slices.Contains(leaves, imported):
		return "a leaf imports no package of ours"
	case slices.Contains(leaves, imported):
		return ""
	case within(pkg, "bench"):
		return "" // programs of their own
	case isTestSupport(imported) && !isTestSupport(pkg):
		if pkg == "" && imported == "wisphub/wisphubtest" { // for the demo
			return ""
		}
		return "only tests may import it"
	case from < 0 || to < 0:
		return "house.md names no layer for one of them"
	case to < from:
		return "imports point down the layers only"
	}
	return whyOutsideOfItsSubpackages(pkg, imported)
}

// whyOutsideOfItsSubpackages applies the rules of single packages.
func whyOutsideOfItsSubpackages(pkg, imported string) string {
	for _, alone := range []string{"auth", "cache", "wisphub"} {
		if within(pkg, alone) && !within(imported, alone) {
			return alone + " imports no package of ours but its own subpackages"
		}
	}
	for _, api := range []string{"graph", "rest"} {
		if within(pkg, api) && (within(imported, "wisphub") || within(imported, "cache")) {
			return api + " reaches wisphub and cache through isp only"
		}
	}
	if pkg == "httpserver" && imported != "auth" {
		return "httpserver imports only auth and the leaves"
	}
	return ""
}

func TestWhyForbidden(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pkg, imported string
		allowed       bool
	}{
		{"", "config", true}, {"", "wisphub/wisphubtest", true}, {"", "cache/cachetest", false}, {"config", "httpserver", true},
		{"httpserver", "config", false}, {"httpserver", "graph", false}, {"httpserver", "auth", true}, {"httpserver", "background", true},
		{"graph", "graph/document", true}, {"graph/document", "graph", true}, {"graph", "isp", true}, {"graph", "wisphub", false},
		{"rest", "graph", false}, {"rest", "cache/shared", false}, {"isp", "isp/calendar", true}, {"isp/calendar", "isp", false},
		{"isp/ping", "isp/text", true}, {"isp/text", "isp/ping", false}, {"isp", "auth", true}, {"isp", "rest", false}, {"auth", "cache", false},
		{"auth", "background", true}, {"cache", "cache/shared", true}, {"cache/shared", "cache", false}, {"cache", "wisphub", false},
		{"wisphub", "wisphub/ratelimit", true}, {"wisphub/ratelimit", "wisphub", false}, {"page", "background", false},
		{"isp", "page", true}, {"isp", "unheard/of", false}, {"bench/soak", "wisphub/wisphubtest", true},
	} {
		if reason := whyForbidden(c.pkg, c.imported); (reason == "") != c.allowed {
			t.Errorf("whyForbidden(%q, %q) = %q, want allowed %t", c.pkg, c.imported, reason, c.allowed)
		}
	}
}

// TestMainPackage_OnlyWiring limits the number of files, so that logic goes into packages.
func TestMainPackage_OnlyWiring(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(file string) bool { return strings.HasSuffix(file, "_test.go") })
	if len(files) == 0 || len(files) > 12 {
		t.Errorf("the main package has %d files, want 1 to 12: %v", len(files), files)
	}
}
