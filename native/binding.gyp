{
  "targets": [
    {
      "target_name": "oracle",
      "sources": ["addon.cc"],
      "defines": ["NAPI_VERSION=8"],
      "cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-Wno-missing-field-initializers"],
      "dependencies": ["oracle-worker"]
    },
    {
      "target_name": "oracle-worker",
      "type": "executable",
      "sources": ["worker.cc", "entry.S"],
      "cflags": ["-fno-stack-protector", "-fPIE", "-fcf-protection=none"],
      "cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-O2"],
      "ldflags": ["-static-pie", "-Wl,-z,noexecstack"]
    }
  ]
}
