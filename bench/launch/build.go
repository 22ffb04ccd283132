package launch

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

// module is the binary's import path, which go build accepts in every directory of the module.
const module = "wisphub-graphql"

// Build builds the binary into dir and returns its path.
func Build(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, module+".exe") // Windows needs the suffix; other systems ignore it
	output, err := exec.CommandContext(ctx, "go", "build", "-o", path, module).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, output)
	}
	return path, nil
}
