# The image of every wirewatch process: `docker run wirewatch version`, `… worker --queues poll`.
FROM python:3.11-slim AS builder

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python3 -m venv /opt/venv
COPY requirements/run.txt /tmp/run.txt
RUN /opt/venv/bin/pip install --quiet --require-hashes -r /tmp/run.txt

# The package stays in its folder, beside the migrations that `wirewatch db upgrade` looks for there.
WORKDIR /app
COPY pyproject.toml README.md ./
COPY migrations ./migrations
COPY worker ./worker
RUN /opt/venv/bin/pip install --quiet --no-deps --no-build-isolation --editable . \
    && /opt/venv/bin/python -m compileall -q worker migrations


FROM python:3.11-slim

ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin wirewatch
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /app /app
# What the shipped examples watch; the stack mounts the operator's own folder over them.
COPY config /app/config

WORKDIR /app
# A number, so that whoever runs the image can see that it is not root.
USER 10001:10001
ENTRYPOINT ["wirewatch"]
CMD ["--help"]
