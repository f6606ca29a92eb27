"""How is a model from outside read and run safely? Files held to the sums on their card, an engine held to these."""

import os

# Else ONNX Runtime gives this machine a number when it is imported, and reports its use to Microsoft.
# Source: https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
