# The app as a web page, in a container:
#     docker build -t hwd .
#     docker run --rm --read-only --tmpfs /tmp --tmpfs /home/hwd --memory 6g --cap-drop ALL -p 127.0.0.1:8866:8866 hwd
# docs/publishing.md says more.
FROM python:3.13-slim
RUN useradd --create-home --uid 1000 hwd
WORKDIR /course
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . ./
RUN pip install --no-cache-dir --no-index --no-deps --no-build-isolation -e .
# From here on nobody may change anything: the files belong to root, and the app runs as somebody else.
USER hwd
EXPOSE 8866
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8866/voila/static/voila.js', timeout=5)"]
CMD ["hwd", "app", "--public", "--port", "8866"]
