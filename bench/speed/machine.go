package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// machine describes what the figures depend on, without names of hosts and paths.
func machine() string {
	kernel, _, _ := strings.Cut(firstLine("/proc/sys/kernel/osrelease", ""), "-")
	return fmt.Sprintf("%d cores, %s, %s %s, %s, GOMAXPROCS %d", runtime.NumCPU(), strings.TrimSpace(cpuModel()),
		runtime.GOOS, strings.TrimSpace(kernel), runtime.Version(), runtime.GOMAXPROCS(0))
}

func cpuModel() string {
	_, model, found := strings.Cut(firstLine("/proc/cpuinfo", "model name"), ":")
	if !found {
		return "unknown processor"
	}
	return model
}

// firstLine returns the first line of a file that begins with a text, "" when there is none.
func firstLine(path, begin string) string {
	file, err := os.Open(path)
	if err != nil {
		return "" // not Linux
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), begin) {
			return lines.Text()
		}
	}
	return ""
}
