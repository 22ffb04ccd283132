package main

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wisphub-graphql/graph/playground/playgroundtest"
)

const (
	screenshotPath     = "docs/graphiql.png" // the picture in the README
	screenshotWidth    = 1280
	screenshotHeight   = 800
	maxScreenshotBytes = 300_000
)

// TestScreenshot_GraphiQLAnswersTheFirstExample takes the README's picture. It replaces the committed
// file only when UPDATE_SCREENSHOT is set, see CONTRIBUTING.md.
func TestScreenshot_GraphiQLAnswersTheFirstExample(t *testing.T) {
	t.Parallel()
	s, _ := startDemo(t, nil)
	browser := playgroundtest.Session(t, s.url)
	browser.Resize(screenshotWidth, screenshotHeight)
	browser.Login("demo", "demo")
	answer := browser.RunCurrent()
	if !strings.Contains(answer, `"totalCount"`) || strings.Contains(answer, `"errors"`) {
		t.Fatalf("the first example answers %.500s, want data without errors", answer)
	}
	browser.Click("#bar h1") // moves the pointer off the button, which has a tooltip
	browser.WaitGone(".graphiql-spinner")
	browser.WaitGone(".graphiql-tooltip")

	path := filepath.Join(t.ArtifactDir(), "graphiql.png")
	browser.Screenshot(path)
	checkScreenshot(t, path)
	if os.Getenv("UPDATE_SCREENSHOT") == "" {
		return
	}
	picture, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(screenshotPath, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestScreenshot_CommittedPicture checks the file that the README shows.
func TestScreenshot_CommittedPicture(t *testing.T) {
	t.Parallel()
	checkScreenshot(t, screenshotPath)
}

func checkScreenshot(t *testing.T, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatalf("decode %s: %v", path, err)
	}
	want := image.Rect(0, 0, screenshotWidth, screenshotHeight)
	if got := picture.Bounds(); got != want {
		t.Errorf("%s measures %v, want %v", path, got, want)
	}
	if isOneColour(picture) {
		t.Errorf("%s has one colour, want the page", path)
	}
	if about, err := file.Stat(); err != nil || about.Size() > maxScreenshotBytes {
		t.Errorf("%s is larger than %d bytes, or cannot be measured: %v", path, maxScreenshotBytes, err)
	}
}

func isOneColour(picture image.Image) bool {
	bounds := picture.Bounds()
	first := picture.At(bounds.Min.X, bounds.Min.Y)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if picture.At(x, y) != first {
				return false
			}
		}
	}
	return true
}
