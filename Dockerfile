# The program alone, for whoever may not or will not install Python: docs/REAL-MODELS.md, "In a container".
FROM python:3.13-slim AS build
WORKDIR /source
# All packages of the lock, each checked against its hash; the last stage gets those that the program needs.
COPY requirements.lock ./
RUN pip wheel --no-cache-dir --require-hashes --requirement requirements.lock --wheel-dir /wheels
COPY . .
RUN pip wheel --no-cache-dir --no-index --find-links /wheels --no-deps --wheel-dir /wheels . \
 && python -m venv /opt/adaem \
 && /opt/adaem/bin/pip install --no-cache-dir --no-index --find-links /wheels 'adaem[page]'

FROM python:3.13-slim
COPY --from=build /opt/adaem /opt/adaem
RUN useradd --uid 1000 --no-create-home adaem && mkdir -p /work/runs && chown -R adaem /work
# With --user anybody may be the user, and have no home.
ENV PATH=/opt/adaem/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp
USER adaem
WORKDIR /work
VOLUME ["/work/runs"]
ENTRYPOINT ["adaem"]
CMD ["--help"]
