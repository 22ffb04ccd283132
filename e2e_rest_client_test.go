package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// npmPackages are pinned, so that the test does not change with the registry.
var npmPackages = []string{"openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3"}

// TestRESTDescription_GeneratedClient generates a TypeScript client from the OpenAPI description
// and runs a bot's conversation against the demo.
func TestRESTDescription_GeneratedClient(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("needs npm and Node")
		}
	}
	if os.Getenv("CI") == "" {
		t.Skip("installs packages from the npm registry: runs only in CI")
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
	run("npm", append([]string{"install", "--no-audit", "--no-fund", "--silent"}, npmPackages...)...)
	run("npx", "openapi-typescript", demo.url+"/api/v1/openapi.json", "-o", "schema.d.ts")
	run("npx", "tsc", "-p", ".")
	if output := run("node", "conversation.js"); output != "closed\n" {
		t.Errorf("conversation.js printed %q, want closed", output)
	}
}
