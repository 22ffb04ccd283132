package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	readmePath        = "README.md"
	configurationPath = "docs/configuration.md"
	maxReadmeWords    = 1200
)

func TestReadme_IsShort(t *testing.T) {
	t.Parallel()
	if words := len(strings.Fields(readText(t, readmePath))); words > maxReadmeWords {
		t.Errorf("%s has %d words, want at most %d", readmePath, words, maxReadmeWords)
	}
}

func TestConfigurationPage_ListsTheSettingsOfTheExample(t *testing.T) {
	t.Parallel()
	example := exampleSettings(t)
	documented := documentedSettings(t, configurationPath)
	for name, value := range example {
		if got, ok := documented[name]; !ok {
			t.Errorf("%s lacks %s, which .env.example has", configurationPath, name)
		} else if got != value {
			t.Errorf("%s gives %s the default %q, .env.example %q", configurationPath, name, got, value)
		}
	}
	for name := range documented {
		if _, ok := example[name]; !ok {
			t.Errorf("%s lists %s, which .env.example lacks", configurationPath, name)
		}
	}
}

func TestReadme_SettingsAgreeWithTheConfigurationPage(t *testing.T) {
	t.Parallel()
	all := documentedSettings(t, configurationPath)
	shown := documentedSettings(t, readmePath)
	if len(shown) != 10 {
		t.Errorf("%s shows %d settings, want the ten that most people need", readmePath, len(shown))
	}
	for name, value := range shown {
		if want, ok := all[name]; !ok || value != want {
			t.Errorf("%s gives %s the default %q, want %q as in %s", readmePath, name, value, want, configurationPath)
		}
	}
}

func TestMarkdown_RelativeLinksResolve(t *testing.T) {
	t.Parallel()
	count := 0
	for _, page := range markdownPages(t) {
		for _, target := range relativeLinks(readText(t, page)) {
			count++
			checkLink(t, page, target)
		}
	}
	if count == 0 {
		t.Error("no page has a relative link, want some")
	}
}

func TestMarkdownSlug(t *testing.T) {
	t.Parallel()
	for heading, want := range map[string]string{
		"A bot's conversation":    "a-bots-conversation",
		"`GET /readyz` and more":  "get-readyz-and-more",
		"GraphQL over HTTP":       "graphql-over-http",
		"See [users](x.md#users)": "see-users",
	} {
		if got := slug(heading); got != want {
			t.Errorf("slug(%q) = %q, want %q", heading, got, want)
		}
	}
}

// checkLink requires that the file exists within the repository and, if it is a page, has the anchor.
func checkLink(t *testing.T, page, target string) {
	t.Helper()
	path, anchor, _ := strings.Cut(target, "#")
	file := page
	if path != "" {
		file = filepath.Join(filepath.Dir(page), filepath.FromSlash(path))
	}
	if _, err := os.Stat(file); err != nil || !filepath.IsLocal(file) {
		t.Errorf("%s links to %s, which is no file of the repository", page, target)
		return
	}
	if anchor != "" && !headingSlugs(readText(t, file))[anchor] {
		t.Errorf("%s links to %s, but %s has no such heading", page, target, file)
	}
}

// markdownPages returns the path of every page, without hidden folders.
func markdownPages(t *testing.T) []string {
	t.Helper()
	var pages []string
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules") {
			return fs.SkipDir
		}
		if !entry.IsDir() && strings.HasSuffix(path, ".md") {
			pages = append(pages, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

var (
	codeBlock   = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	codeSpan    = regexp.MustCompile("`[^`\n]*`")
	pageLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	pageHeading = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
	linkText    = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	notInSlug   = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// relativeLinks returns the targets of links and pictures, without those that name a scheme.
func relativeLinks(page string) []string {
	text := codeSpan.ReplaceAllString(codeBlock.ReplaceAllString(page, ""), "")
	var targets []string
	for _, match := range pageLink.FindAllStringSubmatch(text, -1) {
		if target := match[1]; !strings.Contains(target, "://") && !strings.HasPrefix(target, "mailto:") {
			targets = append(targets, target)
		}
	}
	return targets
}

func headingSlugs(page string) map[string]bool {
	slugs := make(map[string]bool)
	for _, match := range pageHeading.FindAllStringSubmatch(codeBlock.ReplaceAllString(page, ""), -1) {
		slugs[slug(match[1])] = true
	}
	return slugs
}

// slug is the anchor that GitHub gives a heading.
func slug(heading string) string {
	text := strings.ToLower(linkText.ReplaceAllString(heading, "$1"))
	return strings.ReplaceAll(notInSlug.ReplaceAllString(text, ""), " ", "-")
}

var (
	exampleSetting = regexp.MustCompile(`(?m)^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$`)
	wholeSpan      = regexp.MustCompile("^`([^`]*)`$")
	settingRow     = regexp.MustCompile("(?m)^\\| `([A-Z][A-Z0-9_]*)`(?: \\\\\\*)? \\|.*\\| ([^|]+) \\|$")
)

// exampleSettings returns the settings of .env.example with their defaults.
func exampleSettings(t *testing.T) map[string]string {
	t.Helper()
	settings := make(map[string]string)
	for _, match := range exampleSetting.FindAllStringSubmatch(readText(t, ".env.example"), -1) {
		settings[match[1]] = match[2]
	}
	return settings
}

// documentedSettings returns the settings in a page's tables with their defaults, "" for none. A
// default is in backticks.
func documentedSettings(t *testing.T, page string) map[string]string {
	t.Helper()
	settings := make(map[string]string)
	for _, match := range settingRow.FindAllStringSubmatch(readText(t, page), -1) {
		if _, twice := settings[match[1]]; twice {
			t.Errorf("%s lists %s twice", page, match[1])
		}
		settings[match[1]] = ""
		if literal := wholeSpan.FindStringSubmatch(match[2]); literal != nil {
			settings[match[1]] = literal[1]
		}
	}
	return settings
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	namedTest   = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`")
	definedTest = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]+)\(`)
)

// TestMarkdown_NamedTestsExist keeps SECURITY.md honest: what it calls proved has a test.
func TestMarkdown_NamedTestsExist(t *testing.T) {
	t.Parallel()
	defined := definedTests(t)
	for _, page := range markdownPages(t) {
		if page == "CONTRIBUTING.md" { // it shows the pattern of a name
			continue
		}
		for _, match := range namedTest.FindAllStringSubmatch(readText(t, page), -1) {
			if !defined[match[1]] {
				t.Errorf("%s names %s, which no package has", page, match[1])
			}
		}
	}
}

func definedTests(t *testing.T) map[string]bool {
	t.Helper()
	defined := make(map[string]bool)
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, match := range definedTest.FindAllStringSubmatch(readText(t, path), -1) {
			defined[match[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return defined
}
