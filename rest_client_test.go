package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// The packages of the client that is generated, exactly.
var clientPackages = []string{"openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3"}

// A client generated from the description, in TypeScript, has the bot's conversation with the demo: its types fit, and so does
// what is answered.
func TestGeneratedClient(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("npm and Node are not installed")
		}
	}
	if os.Getenv("CI") == "" {
		t.Skip("installs packages from the npm registry, which only CI does")
	}
	demo, _ := startDemo(t, nil, "-clients", "300")
	folder := t.TempDir()
	run := func(name string, arguments ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		command := exec.CommandContext(ctx, name, arguments...)
		command.Dir = folder
		command.Env = append(os.Environ(), "BASE="+demo.url)
		output, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, arguments, err, output)
		}
		return string(output)
	}
	conversation, err := os.ReadFile(filepath.Join("rest", "testdata", "conversation.ts"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"conversation.ts": string(conversation),
		"package.json":    `{"type":"module","private":true}`,
		"tsconfig.json":   `{"compilerOptions":{"strict":true,"target":"es2022","module":"nodenext","moduleResolution":"nodenext","lib":["es2022","dom"],"types":[],"skipLibCheck":true},"files":["conversation.ts"]}`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run("npm", append([]string{"install", "--no-audit", "--no-fund", "--silent"}, clientPackages...)...)
	run("npx", "openapi-typescript", demo.url+"/api/v1/openapi.json", "-o", "schema.d.ts")
	run("npx", "tsc", "-p", ".")
	if output := run("node", "conversation.js"); output != "closed\n" {
		t.Errorf("the conversation says %q", output)
	}
}
